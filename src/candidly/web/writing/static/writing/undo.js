// "Sending in 10 s": counted from when it came into the page, so that no two clocks need agree.
const begun = new WeakMap();
const LATE = -2; // seconds after which the page asks for itself what became of it

function tick() {
  for (const place of document.querySelectorAll("[data-left]")) {
    if (!begun.has(place)) begun.set(place, performance.now());
    const left = Math.ceil(Number(place.dataset.left) - (performance.now() - begun.get(place)) / 1000);
    place.textContent = Math.max(0, left);
    const undo = place.closest("p, li, div, article")?.querySelector("[data-undo]");
    if (undo) undo.disabled = left <= 0;
    if (left <= LATE && !("asked" in place.dataset)) {
      place.dataset.asked = "";
      for (const name of ["conversation", "inbox"]) document.body.dispatchEvent(new CustomEvent(`live:${name}`));
    }
  }
}

// A list that says the same stays: a new one, beneath the mouse, would swallow the click.
document.addEventListener("htmx:oobBeforeSwap", ({ detail, target }) => {
  const next = detail.fragment.firstElementChild;
  if (!target.matches(".waiting[data-rows]") || target.dataset.rows !== next?.dataset.rows) return;
  if (target.textContent === next.textContent) detail.shouldSwap = false;
});

setInterval(tick, 250);
document.addEventListener("htmx:load", tick);
