// The behaviour of the frame. Each module listens on the document, so that swapped-in fragments work without set-up.
import "./theme.js";
import "./morph.js";
import "./lists.js";
import "./menus.js";
import "./tabs.js";
import "./dialogs.js";
import "./pressed.js";
import "./focus.js";
import "./toasts.js";
import "./reminders.js";
import "./progress.js";
import "./shortcuts.js";
import "./live.js";
