// Widths that come from data: <span data-w="42%">. A strict content policy forbids style attributes, not this.
function setWidths(root) {
  for (const element of root.querySelectorAll("[data-w]")) element.style.setProperty("--w", element.dataset.w);
}

setWidths(document);
document.addEventListener("htmx:load", (event) => setWidths(event.detail.elt.parentElement ?? document));
