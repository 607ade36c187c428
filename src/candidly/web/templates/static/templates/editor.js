// The template editor: what is wrong while typing, the ways to write, and a guard for what is not saved.
import "../writing/merge_menu.js";
import "../writing/files.js";
import "../writing/frame.js";
import { openFormatted, switchFormat } from "../writing/formats.js";
import { toast } from "../shell/js/toasts.js";
import "./list.js";

const form = document.getElementById("template-form");
const NOT_KEPT = ["person", "view"];
const written = () => new URLSearchParams([...new FormData(form)].filter(([name]) => !NOT_KEPT.includes(name))).toString();
const saved = form && written();
let isLeaving = false;
let unknown = [];

function isDirty() {
  return form && !isLeaving && ("dirty" in form.dataset || written() !== saved);
}

function showState() {
  document.getElementById("unsaved").hidden = !isDirty();
}

async function changeFormat(box) {
  const isHtml = box.checked;
  box.disabled = true;
  try {
    if (!(await switchFormat(form.elements.body, isHtml, form.dataset.convert))) box.checked = !isHtml;
  } catch {
    box.checked = !isHtml;
    toast("The format could not be changed. Check your connection and try again.", "danger");
  }
  box.disabled = false;
  document.getElementById("preview-view").hidden = !box.checked;
  showState();
}

// Fields that do not exist are marked in the formatted editor as the server names them.
function markUnknown() {
  for (const chip of form.querySelectorAll(".rich-place .merge-field")) {
    const name = chip.textContent.replace(/[{}]/g, "").split("|")[0].trim();
    if (unknown.includes(name)) chip.setAttribute("aria-invalid", "true");
    else chip.removeAttribute("aria-invalid");
  }
}

if (form) {
  form.addEventListener("input", showState);
  form.addEventListener("submit", () => (isLeaving = true));
  form.elements.is_html.addEventListener("change", (event) => changeFormat(event.target));
  if (form.elements.is_html.checked) openFormatted(form.elements.body);
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
  const state = document.getElementById("template-state");
  const place = document.getElementById("template-problems");
  const said = state.content;
  if (place.textContent.trim() !== said.textContent.trim()) place.replaceChildren(...said.cloneNode(true).childNodes);
  unknown = state.dataset.unknown.split(" ").filter(Boolean);
  markUnknown();
  if (said.textContent.trim()) return;
  for (const field of form.querySelectorAll("[data-merge]")) field.removeAttribute("aria-invalid");
  document.getElementById("template-body-problems").replaceChildren();
});
