// The Message panel: a drawer from the right. The list beside it stays usable where there is room for both.
import { draftOf } from "./draft.js";

const NARROW = matchMedia("(width < 1200px)");
let opener = null;

function panel() {
  return document.getElementById("message-panel");
}

function open() {
  const dialog = panel();
  if (!dialog.open) {
    if (NARROW.matches) dialog.showModal();
    else dialog.show();
  }
  const [subject, text] = [dialog.querySelector("[name=subject]"), dialog.querySelector("[name=text]")];
  (subject?.offsetParent && !subject.value ? subject : text ?? dialog.querySelector("[data-panel-close]"))?.focus();
}

function close() {
  if (panel()?.open) panel().close();
}

function closed() {
  draftOf(panel().querySelector("form[data-composer]"))?.leave();
  panel().replaceChildren();
  opener?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-message-panel]");
  if (link) opener = link;
  if (event.target.closest("[data-panel-close]")) close();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && event.target.closest?.("#message-panel")) close();
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "message-panel") open();
});
// The composer for many takes the place beside the list: what was written to the one is kept.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target.id === "drawer") close();
});
document.addEventListener("panel-done", close);
panel()?.addEventListener("close", closed);

// ?new=1 in the address opens it with the page.
if (new URLSearchParams(location.search).has("new")) {
  document.addEventListener("htmx:load", () => document.querySelector("[data-message-panel]")?.click(), { once: true });
}
