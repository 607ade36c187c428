// Nothing may leave without a file that was meant to go with it: a form[data-takes-files], whose value says what it does
// ("Sending"), waits for those on their way, and goes by itself once they are there.
import { failed, underway } from "./uploads.js";

const WAITS = "form[data-takes-files]";

function wait(form, sentence) {
  const hint = document.querySelector(`[data-hint-of="${form.id}"]`);
  hint.dataset.usual ??= hint.textContent;
  hint.textContent = sentence || hint.dataset.usual;
  form.toggleAttribute("data-waiting", Boolean(sentence));
  for (const button of form.elements) if (button.type === "submit") button.ariaBusy = String(Boolean(sentence));
}

document.addEventListener("files-settled", (event) => {
  const form = event.target.closest(WAITS);
  if (form && "waiting" in form.dataset) form.requestSubmit();
});

// Whoever takes a file away may want to look again: nothing goes by itself then.
document.addEventListener("files-removed", (event) => {
  const form = event.target.closest(WAITS);
  if (form) wait(form, "");
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
    const name = underway(form);
    const refused = failed(form);
    wait(form, name && !refused ? `${form.dataset.takesFiles} as soon as ${name} is attached…` : "");
    refused?.querySelector("[data-remove]").focus();
    if (!refused && !name) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
