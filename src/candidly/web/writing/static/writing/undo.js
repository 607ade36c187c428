// "Sending in 10 s": counted from when it came into the page, so that no two clocks need agree.
const counts = new WeakMap();
const LATE = 2; // seconds after which the page asks for itself what became of it, and as long after that again

function countOf(place) {
  if (counts.get(place)?.from !== place.dataset.left) {
    const ends = performance.now() + Number(place.dataset.left) * 1000;
    counts.set(place, { from: place.dataset.left, ends, asksAt: ends + LATE * 1000 });
  }
  return counts.get(place);
}

function tick() {
  for (const place of document.querySelectorAll("[data-left]")) {
    const count = countOf(place);
    const now = performance.now();
    const left = Math.max(0, Math.ceil((count.ends - now) / 1000));
    place.textContent = left;
    const undo = place.closest("p, li, div, article")?.querySelector("[data-undo]");
    if (undo) undo.disabled = left <= 0;
    if (now >= count.asksAt) {
      count.asksAt = now + LATE * 1000;
      for (const name of ["conversation", "inbox"]) document.body.dispatchEvent(new CustomEvent(`live:${name}`));
    }
  }
}

setInterval(tick, 250);
document.addEventListener("htmx:load", tick);
