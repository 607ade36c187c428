// What somebody has pressed stays in its place until it has its answer. Drawn anew by news meanwhile, it would not be
// there for the answer, and its confirmation, or Undo, would be lost. News that were held back are asked for again.
const pressed = new Set();
const held = new Set();
let news = null; // the live event, or "" for a clock, that asked for what is about to be shown; null: somebody did

document.addEventListener("htmx:beforeSend", ({ detail: { elt, xhr, requestConfig } }) => {
  if (requestConfig.verb === "get") return;
  pressed.add(elt);
  xhr.addEventListener("readystatechange", () => {
    if (xhr.readyState === XMLHttpRequest.DONE) pressed.delete(elt); // before htmx shows the answer
  });
  xhr.addEventListener("loadend", askAgain);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const type = detail.requestConfig.triggeringEvent?.type ?? "";
  news = !type || type.startsWith("live:") ? type : null;
  if (isHeld(detail.target)) detail.shouldSwap = false;
});

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (isHeld(detail.target)) detail.shouldSwap = false;
});

function isHeld(target) {
  if (news === null || ![...pressed].some((one) => target.contains(one))) return false;
  held.add(news);
  return true;
}

function askAgain() {
  const types = [...held].filter(Boolean);
  held.clear();
  for (const type of types) document.body.dispatchEvent(new CustomEvent(type, { detail: {}, bubbles: true }));
}
