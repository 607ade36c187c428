// Toasts: confirmations leave after 6 seconds (not while looked at), errors stay until dismissed. One that can be taken
// back has a button for it; the key Z presses the newest of them.
const STAY = 6000;
const region = document.getElementById("toasts");

export function toast(text, tone = "success", undo = null) {
  const shown = copyOf(`toast-${tone}`);
  shown.querySelector("span").textContent = text;
  if (undo) offer(shown, undo);
  region.append(shown);
  htmx.process(shown);
  leaveLater(shown);
}

function copyOf(template) {
  return document.getElementById(template).content.cloneNode(true).firstElementChild;
}

function offer(shown, { method, url }) {
  const button = copyOf("toast-undo");
  button.setAttribute(`hx-${method}`, url);
  shown.querySelector("span").after(button);
}

function leaveLater(shown) {
  if (shown.dataset.tone === "danger") return;
  const timer = setTimeout(() => {
    if (shown.matches(":hover, :focus-within")) leaveLater(shown);
    else shown.remove();
  }, STAY);
  shown.addEventListener("remove", () => clearTimeout(timer));
}

if (region) {
  region.querySelectorAll(".toast").forEach(leaveLater);
  region.addEventListener("click", (event) => {
    if (event.target.closest(".btn-icon")) event.target.closest(".toast").remove();
  });
  document.addEventListener("toasts", (event) => {
    for (const { text, tone, undo } of event.detail.toasts) toast(text, tone, undo);
  });
  region.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) event.target.closest(".toast")?.remove(); // htmx says it again where it stood
  });
  document.addEventListener("shortcut", (event) => {
    if (event.detail.key === "z") [...region.querySelectorAll("[data-undo]")].at(-1)?.click();
  });
  document.addEventListener("htmx:sendError", () => {
    toast("Candidly could not be reached. Check your connection and try again.", "danger");
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")?.includes('"toasts"')) toast(reason(event.detail.xhr.status), "danger");
  });
}

// A page that is about to be left fetches nothing more: its answer would take the confirmation that is meant for the next
// page, and a second "load again" would lose it.
let isLeaving = false;
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!xhr.getResponseHeader("HX-Redirect") && xhr.getResponseHeader("HX-Refresh") !== "true") return;
  if (isLeaving && requestConfig.verb === "get") event.preventDefault();
  isLeaving = true;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isLeaving && event.detail.requestConfig.verb === "get") event.preventDefault();
});
addEventListener("pageshow", () => (isLeaving = false)); // the way back leads to the page as it was left

function reason(status) {
  if (status === 401 || status === 403) return "You may not do this, or you were signed out. Load the page again.";
  if (status === 404) return "This is no longer here. Load the page again.";
  if (status === 413) return "That is too large to send.";
  if (status === 429) return "Too many tries. Wait a minute, then try again.";
  return "Something went wrong on the server. Try again in a moment.";
}
