// hx-swap="morph", or "morph:innerHTML": what is shown becomes what was fetched, and what is in both stays the same
// element. News take nothing from under the hands of whoever works: the focus, a press, a tick, an open menu.
// Elements are known again by their id or one that they hold, those without any by being alike. What asks goes on asking
// as before, whatever its own attributes say now. The names are those of idiomorph, which no package for Python brings.
const MINE = ["aria-expanded", "open", "style"]; // what somebody opened, and what scripts of the page set
const FILLED = "[data-left]"; // elements that they fill

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap(style, target, fragment) {
    if (!style.startsWith("morph")) return false;
    const changed = [];
    keepTokens(fragment);
    if (style === "morph") become(target, fragment.firstElementChild, changed);
    else fill(target, fragment, changed);
    return changed.filter((one) => one !== target); // htmx makes them ready
  },
});

// The same token is written differently each time, so that no two forms would be alike.
function keepTokens(fragment) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.getAttribute("value");
  for (const field of token ? fragment.querySelectorAll("[name=csrfmiddlewaretoken]") : []) field.setAttribute("value", token);
}

function fill(place, fresh, changed) {
  let at = place.firstChild;
  const coming = [...fresh.childNodes];
  while (coming.length) {
    const next = coming.shift();
    const same = counterpart(at, next, coming);
    if (!same) {
      place.insertBefore(next, at);
      changed.push(next);
    } else {
      if (same === at) at = at.nextSibling;
      else move(place, same, at);
      become(same, next, changed);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

/** What stands from `at` on for the element that comes next; `later` are those that come after it. */
function counterpart(at, next, later) {
  if (next.nodeType !== Node.ELEMENT_NODE) return at?.nodeType === next.nodeType ? at : null;
  const held = idsIn(next);
  for (let one = at; one; one = one.nextSibling) if (isSame(one, next, held)) return one;
  const isNameless = !next.id && !held.length && at?.nodeName === next.nodeName && !at.id && !idsIn(at).length;
  return isNameless && !later.some((one) => one.isEqualNode(at)) ? at : null;
}

/** Of two without ids of their own, one that both hold says it: a list stays though its first row is another. */
function isSame(one, next, held) {
  if (one.nodeName !== next.nodeName) return false;
  if (one.id || next.id) return one.id === next.id;
  return held.length ? held.some((id) => one.querySelector(`#${CSS.escape(id)}`)) : one.isEqualNode(next);
}

function idsIn(element) {
  return [...element.querySelectorAll("[id]")].map(({ id }) => id);
}

function move(place, element, before) {
  if (place.moveBefore) place.moveBefore(element, before); // keeps the focus
  else place.insertBefore(element, before);
}

function become(shown, next, changed) {
  if (shown.nodeType !== Node.ELEMENT_NODE) {
    if (shown.data !== next.data) shown.data = next.data;
  } else if (!shown.isEqualNode(next)) {
    const isOther = takeAttributes(shown, next);
    if (isOther) changed.push(shown);
    if (isOther || !shown.matches(FILLED)) fill(shown, next, changed);
  }
}

/** Says whether there are others. */
function takeAttributes(shown, next) {
  const names = [...shown.getAttributeNames(), ...next.getAttributeNames()].filter((name) => !MINE.includes(name));
  const others = names.filter((name) => valueOf(shown, name) !== valueOf(next, name));
  for (const name of others) {
    if (next.hasAttribute(name)) shown.setAttribute(name, next.getAttribute(name));
    else shown.removeAttribute(name);
  }
  return others.length > 0;
}

function valueOf(element, name) {
  if (name !== "class") return element.getAttribute(name);
  return [...element.classList].filter((one) => !one.startsWith("htmx-")).join(" ");
}
