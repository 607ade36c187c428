// Keys. Single keys are off while typing, and can be turned off on this device (WCAG 2.1.4).
const OFF = "single-keys-off";
const PLACES = { i: "/inbox/", c: "/candidates/", m: "/mailings/", t: "/templates/" };
const WAIT = 1500;
let pressedG = 0;

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
  return target.isContentEditable || target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
}

function withControl(event) {
  if (event.key === "k") {
    const search = document.querySelector(".global-search input");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "Enter") {
    const form = event.target.closest?.("form[data-ctrl-enter]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  }
}

function singleKey(event) {
  if (!sheet || localStorage.getItem(OFF) || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const place = PLACES[event.key.toLowerCase()];
  if (event.key === "?") sheet.showModal();
  else if (place && event.timeStamp - pressedG < WAIT) location.assign(place);
  pressedG = event.key.toLowerCase() === "g" ? event.timeStamp : -WAIT;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey) return;
  if (event.ctrlKey || event.metaKey) withControl(event);
  else singleKey(event);
});
