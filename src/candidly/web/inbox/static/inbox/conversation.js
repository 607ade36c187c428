// The open conversation stays where the reader left it, whatever comes in.
const UNREAD = "[data-act=unread][data-leaves]";
const NEAR = 80; // pixels from the end that still count as "at the end"

const thread = document.querySelector(".thread-scroll");
const newer = document.getElementById("newer");
const newBelow = document.getElementById("new-below");
const asked = new URLSearchParams(location.search);
let follows = true;
let isLeftUnread = false;
let fromEnd = 0;
const seenField = document.getElementById("seen"); // the newest message that was before the reader's eyes

// ── It opens at the message named in the address, or the first unread one, and follows only a reader at the end.
if (thread) {
  const found = document.getElementById(`message-${asked.get("at")}`);
  const unread = thread.querySelector(".day-separator[data-unread]");
  if (found) show(found);
  else if (unread) unread.scrollIntoView({ block: "start" });
  else toEnd();

  follows = isAtEnd();
  thread.addEventListener("scroll", () => {
    follows = isAtEnd();
    if (follows) newBelow.hidden = true;
    noteSeen();
  });
  new ResizeObserver(() => follows && toEnd()).observe(thread); // the composer grows as one writes
  newBelow.addEventListener("click", () => {
    toEnd();
    thread.focus();
  });
  document.addEventListener("htmx:beforeSwap", () => {
    fromEnd = thread.scrollHeight - thread.scrollTop;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const path = event.detail.pathInfo?.requestPath ?? "";
    if (event.detail.requestConfig?.elt === newer) shown(event.detail.requestConfig);
    else if (path.includes("before=")) thread.scrollTop = thread.scrollHeight - fromEnd;
    else if (path.includes("later=") && !isCut()) seen();
  });
  newer.addEventListener("htmx:configRequest", (event) => {
    if (isCut()) event.preventDefault();
    else if (!document.hidden && !isLeftUnread) event.detail.parameters.set("seen", "1");
  });
  // What is left unread is not seen by a look that is under way, nor by one before the page has gone.
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.target.matches(UNREAD)) return;
    isLeftUnread = true;
    if (!newer.classList.contains("htmx-request")) return;
    event.preventDefault();
    newer.addEventListener("htmx:afterRequest", () => event.detail.issueRequest(), { once: true });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.matches(UNREAD)) isLeftUnread = event.detail.successful;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) seen();
    noteSeen();
  });
  document.addEventListener("message-sent", () => {
    if (isCut()) location.assign(thread.querySelector("[data-newest]").href);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-show-newest]")) return;
    event.target.closest(".composer-problem").replaceChildren();
    if (isCut()) location.assign(thread.querySelector("[data-newest]").href);
    follows = true;
    seen();
    toEnd();
  });
}

/** Whether the conversation goes on below what is shown: then nothing new is put there. */
function isCut() {
  return Boolean(document.getElementById("later"));
}

function seen() {
  htmx.trigger(newer, "messages-seen");
}

function show(message) {
  message.setAttribute("aria-current", "true");
  message.tabIndex = -1;
  message.scrollIntoView({ block: "center" });
  message.focus({ preventScroll: true });
}

function isAtEnd() {
  return !isCut() && thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR;
}

function toEnd() {
  thread.scrollTop = thread.scrollHeight;
}

function shown(request) {
  const after = Number(request.parameters.after);
  const messages = [...thread.querySelectorAll(".message")].filter((message) => idOf(message) > after);
  noteSeen();
  if (follows || request.triggeringEvent?.type === "message-sent") toEnd(); // where one's own waits, and can be undone
  else if (messages.length > 0) {
    newBelow.querySelector("span").textContent = messages.length === 1 ? "1 new message" : `${messages.length} new messages`;
    newBelow.hidden = false;
  }
}

function noteSeen() {
  if (follows && !document.hidden && !isCut()) seenField.value = document.getElementById("newest").value;
}

function idOf(message) {
  return Number(message.id.replace("message-", ""));
}

// ── Keys: R writes an answer, N a note; Esc leaves what is being written, and keeps it.
const KEYS = {
  r: () => document.querySelector(".composer .composer-text")?.focus(),
  n: () => document.querySelector("[data-note-toggle]")?.click(),
};

document.addEventListener("shortcut", (event) => {
  if (!KEYS[event.detail.key]) return;
  event.preventDefault();
  KEYS[event.detail.key]();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (thread && event.target.closest(".composer")) thread.focus();
});

// ── A dialog named in the address opens with the page: ?new=1, ?edit=1.
for (const dialog of document.querySelectorAll("dialog[data-open-for]")) {
  if (asked.has(dialog.dataset.openFor)) dialog.showModal();
}
