// The bulk composer: what the server says about the text is put at its field, a draft outlives the drawer,
// and a template replaces written text only when asked.
import { Draft, draftOf } from "../writing/draft.js";
import "../writing/merge_menu.js";
import "../writing/files.js";
import "../writing/frame.js";
import { openFormatted } from "../writing/formats.js";
import { summary } from "../writing/segments.js";

const fieldsOf = (form) => [...form.querySelectorAll("input[data-merge], textarea[data-merge]")];
let loaded = null; // the text as it was loaded: what differs from it would be lost

// ── Draft
function save(form) {
  restore(form).touched();
}

// What the server keeps stands there already; what never reached it comes back.
function restore(form) {
  return draftOf(form) ?? new Draft(form);
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("#compose :is([data-merge], [name=channels])")) save(event.target.form);
});

// Whom an example goes to changes nothing of the message: no new preview takes the field from under the hands.
document.addEventListener("input", (event) => event.target.id === "example-to" && event.stopPropagation(), true);

function format(form) {
  if (form.elements.is_html.value === "True") openFormatted(form.elements.body);
}

function remember(form) {
  for (const field of fieldsOf(form)) field.setSelectionRange(field.value.length, field.value.length);
  loaded = fieldsOf(form).map((field) => field.value).join("\0");
}

// ── Template
document.addEventListener("htmx:confirm", (event) => {
  const select = event.detail.elt;
  if (!select.matches("[data-replaces-text]")) return;
  const text = fieldsOf(select.form).map((field) => field.value).join("\0");
  const isWritten = text !== loaded && text.replaceAll("\0", "").trim();
  if (!isWritten || event.detail.question) return;
  event.preventDefault();
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-question").textContent = "Replace what you have written with the template?";
  const yes = document.getElementById("confirm-yes");
  yes.textContent = "Replace";
  let isReplaced = false;
  yes.onclick = () => {
    isReplaced = true;
    dialog.close();
    event.detail.issueRequest(true);
  };
  dialog.addEventListener("close", () => isReplaced || (select.value = select.dataset.shown ?? ""), { once: true });
  dialog.showModal();
});

// The files of the template before go with its text; those that the member attached stay.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.requestConfig?.elt.matches?.("[data-replaces-text]")) return;
  for (const file of document.querySelectorAll("#compose-files [data-from-template]")) file.remove();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.matches?.("[data-replaces-text]")) event.detail.elt.dataset.shown = event.detail.elt.value;
});

// ── Who gets it
document.addEventListener("htmx:beforeRequest", (event) => {
  const people = document.getElementById("compose-people");
  if (event.detail.elt.id !== "show-people" || people.hidden) return;
  event.preventDefault();
  showPeople(false);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "compose-people") {
    showPeople(true);
    document.getElementById("show-people").closest(".recipients").scrollIntoView({ block: "start" });
  }
  if (event.detail.target.id === "compose-preview") tell();
});

function showPeople(isShown) {
  const opener = document.getElementById("show-people");
  document.getElementById("compose-people").hidden = !isShown;
  opener.setAttribute("aria-expanded", String(isShown));
  opener.textContent = isShown ? "Hide" : "Show";
}

// ── What the server says about the text
function tellParts() {
  const text = document.querySelector("#compose-preview [data-text-message]");
  if (text) document.querySelector("#compose-preview [data-text-parts]").textContent = summary(text.textContent, Infinity);
}

function tell() {
  tellParts();
  const state = document.getElementById("compose-state");
  document.getElementById("compose-preview").removeAttribute("aria-busy");
  document.getElementById("compose-send").disabled = state.dataset.reached === "0";
  for (const id of ["compose-ways", "compose-subject", "compose-message"]) {
    const problems = [...state.content.querySelectorAll(`[data-of="${id}"]`)];
    const place = document.getElementById(`${id}-problems`);
    if (!place) continue; // a campaign, and what was scheduled, have no choice of ways
    const isTold = place.textContent.trim() === problems.map((problem) => problem.textContent.trim()).join("");
    if (!isTold) place.replaceChildren(...problems.map((problem) => problem.cloneNode(true)));
    const field = document.getElementById(id);
    if (!field.matches("[data-merge]")) continue;
    if (problems.length) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

// ── Now or later
document.addEventListener("change", (event) => {
  if (!event.target.matches("#compose [data-when-choice]")) return;
  const isLater = event.target.value !== "";
  document.getElementById("compose-later").hidden = !isLater;
  const verb = document.getElementById("compose-verb");
  if (verb) verb.textContent = isLater ? "Schedule for" : verb.dataset.now;
  if (isLater) document.querySelector("#compose-later [name=date]").focus();
});

// ── Opening, closing and sending
const MODAL = matchMedia("(width < 1200px)");

function openDrawer(drawer) {
  drawer.className = "drawer";
  drawer.setAttribute("role", "dialog");
  drawer.setAttribute("aria-labelledby", "drawer-title");
  drawer.setAttribute("aria-modal", String(MODAL.matches));
  drawer.parentElement.dataset.drawer = "open";
  for (const other of drawer.parentElement.children) other.inert = other !== drawer && !other.matches("dialog") && MODAL.matches;
  document.getElementById("compose-subject").focus();
}

function closeDrawer() {
  const drawer = document.getElementById("drawer");
  if (!drawer?.childElementCount) return;
  htmx.trigger("#compose-preview", "htmx:abort"); // its answer would find nothing to go into
  draftOf(document.getElementById("compose"))?.leave();
  drawer.replaceChildren();
  drawer.className = "";
  for (const name of ["role", "aria-labelledby", "aria-modal"]) drawer.removeAttribute(name);
  drawer.parentElement.dataset.drawer = "";
  for (const other of drawer.parentElement.children) other.inert = false;
  document.querySelector("#bulk [hx-target='#drawer']")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-drawer-close]")) closeDrawer();
  event.target.closest("[data-dismiss]")?.parentElement.remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && event.target.closest?.("#drawer")) closeDrawer();
});

document.addEventListener("mailing-sent", () => {
  const form = document.getElementById("compose");
  draftOf(form)?.forget();
  closeDrawer();
});

// ── Beginning
function begin(form) {
  const drawer = form.closest("#drawer");
  if (drawer) openDrawer(drawer);
  remember(form);
  restore(form);
  format(form);
}

// The module may be loaded with the very drawer that it serves, or stand there already when the next one opens.
const present = document.getElementById("compose");
if (present) begin(present);
document.addEventListener("htmx:load", (event) => {
  const form = document.getElementById("compose");
  if (form && event.detail.elt.id === "compose-text") {
    remember(form);
    format(form);
  }
  if (form && event.detail.elt.id === "compose-body" && form !== present) begin(form);
});
