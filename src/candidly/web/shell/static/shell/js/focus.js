// The focus does not fall to the page. What lost it while it was disabled gets it back; where it has gone, or has done its
// work, data-focus-after="selector", on it or around it, names what comes next: of several, the one in the same place.
let last = null; // what had the focus; null after a click, which may have put it nowhere
let next = { selector: "", at: 0 };

document.addEventListener("focusin", ({ target }) => {
  const selector = target.closest("[data-focus-after]")?.dataset.focusAfter ?? "";
  last = target;
  next = { selector, at: shown(selector).filter((one) => isBefore(one, target)).length };
});

document.addEventListener("pointerdown", () => (last = null));

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const isSwapped = detail.successful && detail.xhr.status !== 204;
  // Not at once: leaving a field may stop what was asked for it, and on its way to the next nothing has the focus.
  if (!isSwapped) setTimeout(giveBack);
});

document.addEventListener("htmx:afterSettle", ({ detail }) => giveBack(detail.requestConfig?.elt.contains(last)));

// What is put in place of what has the focus gets it from htmx, and the browser draws the ring though no key was pressed.
let ringless = null;

document.addEventListener("htmx:beforeSwap", () => {
  const had = document.activeElement;
  ringless = had.matches(":focus-visible") ? null : had;
});

document.addEventListener("htmx:afterSwap", () => {
  const has = document.activeElement;
  if (!ringless?.id || has === ringless || has.id !== ringless.id) return;
  has.blur();
  has.focus({ preventScroll: true, focusVisible: false });
});

function giveBack(isDone = false) {
  if (!last) return;
  const after = shown(next.selector);
  const successor = after[next.at] ?? after.at(-1);
  for (const one of isDone ? [successor, last] : [last, successor]) if (isLost()) one?.focus();
}

function shown(selector) {
  return selector ? [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()) : [];
}

function isBefore(one, other) {
  return one.compareDocumentPosition(other) === Node.DOCUMENT_POSITION_FOLLOWING; // and not around it
}

function isLost() {
  return document.activeElement === document.body || !document.activeElement.checkVisibility();
}
