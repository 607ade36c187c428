// The template editor: what is wrong while typing, and a guard for what is not saved.
import "../writing/merge_menu.js";
import "../writing/frame.js";

const form = document.getElementById("template-form");
const written = () => new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "person")).toString();
const saved = form && written();
let isLeaving = false;

function isDirty() {
  return form && !isLeaving && ("dirty" in form.dataset || written() !== saved);
}

function showState() {
  document.getElementById("unsaved").hidden = !isDirty();
}

if (form) {
  form.addEventListener("input", showState);
  form.addEventListener("submit", () => (isLeaving = true));
  form.elements.is_html.addEventListener("change", (event) => {
    form.elements.body.classList.toggle("is-code", event.target.checked);
  });
  showState();
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.elt.id === "delete-template" && event.detail.xhr.status < 400) isLeaving = true;
});

addEventListener("beforeunload", (event) => {
  if (isDirty()) event.preventDefault();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "template-preview") return;
  const state = document.getElementById("template-state").content;
  const place = document.getElementById("template-problems");
  if (place.textContent.trim() !== state.textContent.trim()) place.replaceChildren(...state.cloneNode(true).childNodes);
  if (!state.textContent.trim()) {
    for (const field of form.querySelectorAll("[data-merge]")) field.removeAttribute("aria-invalid");
  }
});
