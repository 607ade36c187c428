// The list: fetched again as long as it is shown, with the reader's place, focus and ticks kept through it, and found
// at the same place on the next page. Its keys.
import { focus, focusedRow, idOf, list, openRow, rowOf, rows } from "./rows.js";
import { act, clearTicks, tickAgain, ticked, toggle } from "./ticks.js";

const PLACE = "inbox-place"; // where the list was, kept for the next page
const scroll = document.getElementById("inbox-scroll");
const bar = document.getElementById("inbox-bulk");
let isByKey = false; // whether the last press was of a key
let before = null;
let broughtBack = []; // the conversations that Undo brings back
let askedAt = ""; // where the list ended when it was last asked for
let isLate = false; // the list was to be drawn anew while more of it was on its way

// ── Swapped: everything is where it was
function look() {
  const row = focusedRow();
  const isInBar = bar.contains(document.activeElement);
  return {
    order: rows().map(idOf),
    ticked: ticked(),
    focus: row ? idOf(row) : isInBar ? ticked()[0] : "",
    anchor: scroll.scrollTop > 0 ? anchor() : null,
  };
}

function settle(was) {
  tickAgain(was.ticked);
  if (was.anchor && rowOf(was.anchor.id)) scroll.scrollTop += offsetOf(rowOf(was.anchor.id)) - was.anchor.offset;
  if (was.focus && isFocusLost()) focus(nearest(was));
}

function anchor() {
  const top = rows().find((row) => offsetOf(row) + row.offsetHeight > 0);
  return top ? { id: idOf(top), offset: offsetOf(top) } : null;
}

function offsetOf(row) {
  return row.getBoundingClientRect().top - scroll.getBoundingClientRect().top;
}

function isFocusLost() {
  return document.activeElement === document.body || !document.activeElement.checkVisibility();
}

// The row that had the focus, or else the next one that is still there, or the one above.
function nearest({ order, focus: id }) {
  const at = order.indexOf(id);
  const candidates = [...order.slice(at), ...order.slice(0, at).reverse()];
  return candidates.map(rowOf).find(Boolean);
}

function takeAway(ids) {
  const was = look();
  for (const id of ids) rowOf(id)?.remove();
  settle(was);
}

// What the list is fetched again for. A narrowed one is not looked through as far again: it names what was found.
function asked() {
  const most = Number(bar.dataset.most);
  const found = [...new Set([...rows().map(idOf), ...broughtBack])].slice(0, most);
  if (!list.hasAttribute("data-narrowed")) return { rows: rows().length };
  const looks = list.querySelector("[data-found]"); // it is being looked through further, and goes on
  return { rows: found.length, shown: found.join(","), next: end(), ...(looks && { found: looks.dataset.found }) };
}

function end() {
  return list.querySelector("[data-next]")?.dataset.next ?? "";
}

function ask(event, what) {
  for (const [name, value] of Object.entries(what)) event.detail.parameters.set(name, value);
}

list.addEventListener("htmx:configRequest", (event) => {
  if (event.target !== list) return;
  askedAt = end();
  ask(event, asked());
});

list.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target === list && list.querySelector("[data-next].htmx-request")) {
    event.detail.shouldSwap = false; // what was asked for would have no place to come to
    isLate = true;
  } else if (event.target === list && askedAt !== end()) {
    event.detail.shouldSwap = false; // more came since: this answer does not have it
    htmx.trigger(list, "inbox-shown");
  }
  before = event.target === list && event.detail.shouldSwap ? look() : null;
});

list.addEventListener("htmx:afterSettle", (event) => {
  if (event.target === list || !isLate) return;
  isLate = false;
  htmx.trigger(list, "inbox-shown");
});

list.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== list || !before) return;
  settle(before);
  const back = rows().find((row) => broughtBack.includes(idOf(row)));
  if (!back) return; // asked before they were brought back
  if (isFocusLost()) focus(back);
  broughtBack = [];
});

// Those that left the list go at once; the list that is fetched again will not have them either.
bar.addEventListener("htmx:afterRequest", (event) => {
  const { successful, requestConfig } = event.detail;
  if (successful && event.target.dataset.act === "archive") takeAway(requestConfig.parameters.get("ids").split(","));
});

document.body.addEventListener("live:inbox", (event) => {
  if (event.target.closest(".toast") && event.detail.ids) broughtBack = event.detail.ids.map(String);
});

// ── Left and found again
function remember(focusOn) {
  const place = {
    listing: list.dataset.listing,
    asked: asked(),
    top: scroll.scrollTop,
    ticked: ticked(),
    focus: focusOn ? idOf(focusOn) : "",
    isByKey,
  };
  sessionStorage.setItem(PLACE, JSON.stringify(place));
}

function restore() {
  const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  sessionStorage.removeItem(PLACE);
  if (place?.listing !== list.dataset.listing) return;
  if (place.asked.rows <= rows().length) {
    putBack(place);
    return;
  }
  list.addEventListener("htmx:configRequest", (event) => ask(event, place.asked), { once: true });
  list.addEventListener("htmx:afterSettle", () => putBack(place), { once: true });
  htmx.trigger(list, "inbox-shown");
}

function putBack(place) {
  scroll.scrollTop = place.top;
  tickAgain(place.ticked);
  // To the browser nothing was pressed on this page yet: it would draw the ring after a click, too.
  if (isFocusLost()) focus(rowOf(place.focus), { preventScroll: true, focusVisible: place.isByKey });
}

function leaving(target) {
  const open = openRow();
  if (target.closest(".conversation-link")) remember(target.closest(".conversation-row"));
  else if (target.closest("[data-act='unread'], a")) remember(open);
  else remember(open?.nextElementSibling?.matches(".conversation-row") ? open.nextElementSibling : open?.previousElementSibling);
}

document.addEventListener("keydown", () => (isByKey = true), true);
document.addEventListener("pointerdown", () => (isByKey = false), true);

document.addEventListener("click", (event) => {
  if (event.target.closest(".conversation-link, a[data-leaves]")) leaving(event.target);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("[data-leaves]")) leaving(event.target);
});

document.addEventListener("htmx:load", restore, { once: true }); // once htmx listens to its triggers

// ── Keys
function move(step) {
  const stops = [...list.querySelectorAll(".conversation-link, .load-more button")];
  const from = document.activeElement.closest(".conversation-row, .load-more") ?? openRow();
  const at = stops.findIndex((stop) => from?.contains(stop));
  stops[at < 0 ? 0 : at + step]?.focus();
}

function tick(extend) {
  if (focusedRow()) toggle(focusedRow(), extend);
}

// For what is ticked, or the row that has the focus, or the conversation that is open.
function actOn(name) {
  const row = focusedRow();
  const inHead = document.querySelector(`.pane-thread [data-act="${name}"]`);
  if (ticked().length) act(name, ticked());
  else if (inHead && (!row || row === openRow())) inHead.click();
  else if (row) act(name, [idOf(row)]);
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: (shift) => tick(shift),
  e: () => actOn("archive"),
  u: () => actOn("unread"),
};

document.addEventListener("shortcut", (event) => {
  const { key, shift } = event.detail;
  if (!KEYS[key]) return;
  event.preventDefault();
  KEYS[key](shift);
});

document.addEventListener("keydown", (event) => {
  const isElsewhere = event.defaultPrevented || document.querySelector("dialog[open]");
  if (event.key === "Escape" && !isElsewhere && (focusedRow() || bar.contains(document.activeElement))) {
    clearTicks();
    if (isFocusLost()) focus(rows()[0]);
  }
});
