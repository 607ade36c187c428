// Nothing may leave without a file that was meant to go with it: a form[data-takes-files], whose value says what it does
// ("Sending"), waits for those on their way, and goes by itself once they are there. It says so at its [data-hint-of], and
// tells with `form-waits` since when and until when.
import { failed, underway } from "./uploads.js";

const WAITS = "form[data-takes-files]";
const usual = new WeakMap(); // what else a hint says
const pressed = new WeakMap(); // by which button a form was sent

function say(form, sentence) {
  const hint = document.querySelector(`[data-hint-of="${form.id}"]`);
  if (sentence) {
    if (!usual.has(hint)) usual.set(hint, [...hint.childNodes]);
    hint.textContent = sentence;
  } else if (usual.has(hint)) {
    hint.replaceChildren(...usual.get(hint));
    usual.delete(hint);
  }
}

function wait(form, isWaiting) {
  if (isWaiting === "waiting" in form.dataset) return;
  form.toggleAttribute("data-waiting", isWaiting);
  for (const button of form.elements) if (button.type === "submit") button.ariaBusy = String(isWaiting);
  form.dispatchEvent(new CustomEvent("form-waits", { detail: isWaiting, bubbles: true }));
}

function mayGo(form) {
  const refused = failed(form);
  const name = !refused && underway(form);
  wait(form, Boolean(name));
  say(form, name ? `${form.dataset.takesFiles} as soon as ${name} is attached…` : refused ? "A file was not attached. Remove it, or attach it again." : "");
  refused?.querySelector("[data-remove]").focus();
  return !refused && !name;
}

document.addEventListener("files-settled", (event) => {
  const form = event.target.closest(WAITS);
  if (form && "waiting" in form.dataset) form.requestSubmit(pressed.get(form));
});

// Whoever takes a file away may want to look again: nothing goes by itself then.
document.addEventListener("files-removed", (event) => {
  const form = event.target.closest(WAITS);
  if (!form) return;
  wait(form, false);
  say(form, "");
});

// Whoever watches the form for changes hears of files too.
document.addEventListener("files-changed", (event) => {
  event.target.closest(WAITS)?.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches(WAITS)) return;
    pressed.set(form, event.submitter);
    if (mayGo(form)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
