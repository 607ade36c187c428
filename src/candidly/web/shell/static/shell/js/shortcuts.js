// Keys. Single keys are off while typing, and can be turned off on this device (WCAG 2.1.4). A letter that means nothing
// on every page becomes a "shortcut" event, which whatever has a use for it takes (preventDefault). A control with
// data-shortcut is pressed by its letter; in an open dialog, only the dialog's own are.
const OFF = "single-keys-off";
const PLACES = { i: "/inbox/", c: "/candidates/", m: "/mailings/", t: "/templates/" };
const CHOOSE = "/candidates/#q"; // the search has the focus, as what an address names has
const WAIT = 1500;
let pressedG = -WAIT; // a page may be young when a key is pressed

const sheet = document.getElementById("shortcuts");
const choice = sheet?.querySelector("[data-single-keys]");
if (choice) {
  choice.checked = !localStorage.getItem(OFF);
  choice.addEventListener("change", () => {
    if (choice.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
}

function isTyping(target) {
  const isField = target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
  return isField || target.isContentEditable || target.closest?.(".menu");
}

function search(event) {
  const field = document.querySelector(".global-search input");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function withControl(event) {
  if (event.key === "k") search(event);
  else if (event.key === "Enter") {
    const form = event.target.closest?.("form[data-ctrl-enter]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  }
}

function singleKey(event) {
  if (!sheet || localStorage.getItem(OFF) || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  const dialog = document.querySelector("dialog[open]");
  const place = !dialog && event.timeStamp - pressedG < WAIT && PLACES[key];
  const control = controlOf(key, dialog ?? document);
  if (place) location.assign(place);
  else if (control) press(control, event);
  else if (dialog) return;
  else if (key === "?") sheet.showModal();
  else if (key === "/") search(event);
  else if (key === "c") location.assign(CHOOSE);
  else if (key.length === 1) offer(key, event);
  pressedG = key === "g" ? event.timeStamp : -WAIT;
}

function controlOf(key, within) {
  const controls = [...within.querySelectorAll("[data-shortcut]")];
  return controls.find((one) => one.dataset.shortcut === key && one.checkVisibility());
}

function press(control, event) {
  event.preventDefault(); // the letter must not come into the field that gets the focus
  control.focus();
  control.click();
}

function offer(key, event) {
  const detail = { key, shift: event.shiftKey };
  const offered = new CustomEvent("shortcut", { detail, bubbles: true, cancelable: true });
  if (!event.target.dispatchEvent(offered)) event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey) return;
  if (event.ctrlKey || event.metaKey) withControl(event);
  else singleKey(event);
});
