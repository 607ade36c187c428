// The talk with an agency user: #agency-talk, for members a dialog that htmx fills, for agency users a part of the page.
import { ChosenFiles } from "../shell/js/chosen_files.js";

const NEAR = 80; // pixels from the end that still count as "at the end"
const READING = 1000; // a message that stood there so long has been seen
const NOT_PRIVATE = "You wrote this privately, which is not possible any more. Look who will see it before you send it.";

const place = document.getElementById("agency-talk");
const isDialog = place instanceof HTMLDialogElement;
let seen = 0; // the newest message that was told of as seen
let looking = 0;
let askedFrom = ""; // the first message that stood there when the list was asked for
let fromEnd = 0;
let hadFocus = false;
let follows = false; // what was just said is scrolled to
let files = null;

function messages() {
  return document.getElementById("talk-messages");
}

function form() {
  return document.getElementById("talk-form");
}

// ── It opens at the first unread message, else at the end, and stays where the reader is whatever comes in.
document.addEventListener("htmx:beforeSwap", (event) => {
  const list = messages();
  if (!list) return;
  if (event.detail.target === list && askedFrom !== first()) {
    event.detail.shouldSwap = false; // more was unfolded since: this answer does not have it
    htmx.trigger(list, "talk-unfolded");
    return;
  }
  fromEnd = list.scrollHeight - list.scrollTop;
  hadFocus = list.contains(document.activeElement) || event.detail.requestConfig?.verb === "delete"; // asked in a dialog
});

document.addEventListener("htmx:afterSwap", (event) => {
  const path = event.detail.pathInfo?.requestPath ?? "";
  if (event.detail.target === place) opened();
  else if (path.includes("before=")) messages().scrollTop = messages().scrollHeight - fromEnd;
  else if (messages() && event.detail.target.id === "talk-messages") refreshed(event.detail.target);
});

function opened() {
  if (isDialog && !place.open) place.showModal();
  seen = 0;
  const unread = messages().querySelector(".day-separator[data-unread]");
  if (unread) unread.scrollIntoView({ block: "start" });
  else toEnd();
  if (form()) ready();
  look();
}

function ready() {
  files = form().elements.files ? new ChosenFiles(form()) : null;
  restore();
  if (isDialog) form().elements.text.focus();
}

function refreshed(before) {
  const wasAtEnd = fromEnd - before.clientHeight < NEAR;
  if (wasAtEnd || follows) toEnd();
  else messages().scrollTop = messages().scrollHeight - fromEnd;
  follows = false;
  if (hadFocus && !messages().contains(document.activeElement)) messages().focus(); // what had it was deleted
  look();
}

function toEnd() {
  messages().scrollTop = messages().scrollHeight;
}

// What was unfolded above stays.
document.addEventListener("htmx:configRequest", (event) => {
  const list = messages();
  if (!list || (event.detail.target !== list && event.target !== form())) return;
  askedFrom = first();
  if (askedFrom) event.detail.parameters.set("since", askedFrom);
});

function first() {
  return messages().querySelector("[data-message]")?.dataset.message ?? "";
}

// ── Seen: told when the messages have really been before somebody's eyes for a moment.
function look() {
  clearTimeout(looking);
  const isNews = Number(messages()?.dataset.newest) > seen;
  const isShown = !isDialog || place.open;
  if (isShown && isNews && document.visibilityState === "visible") looking = setTimeout(tell, READING);
}

function tell() {
  const list = messages();
  if (!list) return;
  const upTo = list.dataset.newest;
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch(list.dataset.seen, { method: "POST", body: new URLSearchParams({ up_to: upTo }), headers, keepalive: true })
    .then((answer) => answer.ok && (seen = Number(upTo)))
    .catch(() => {}); // told again with the next message
}

document.addEventListener("visibilitychange", look);

// ── What is being written outlives the dialog and the page, until it was said; and with it for whom it was written.
for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    if (form()?.contains(event.target)) keep(form());
  });
}

function keep({ dataset, elements }) {
  const words = { text: elements.text.value, private: elements.private?.checked ?? false, to: elements.to?.value ?? "" };
  if (words.text.trim()) localStorage.setItem(dataset.keep, JSON.stringify(words));
  else localStorage.removeItem(dataset.keep);
}

function restore() {
  const { dataset, elements } = form();
  const kept = JSON.parse(localStorage.getItem(dataset.keep));
  if (!kept || elements.text.value) return;
  elements.text.value = kept.text;
  if (elements.private) elements.private.checked = kept.private && canBe(kept, elements);
  if (elements.private?.checked && elements.to) elements.to.value = kept.to;
  if (kept.private && !canBe(kept, elements)) complain(NOT_PRIVATE);
}

function canBe(kept, { private: box, to }) {
  const offered = to?.options ? [...to.options].map((option) => option.value) : [to?.value ?? ""];
  return Boolean(box) && offered.includes(kept.to);
}

function complain(sentence) {
  const line = document.createElement("p");
  line.className = "error";
  line.textContent = sentence;
  form().querySelector(".composer-problem").replaceChildren(line);
}

// ── While it is sent nothing can be added to it.
document.addEventListener("htmx:beforeRequest", (event) => sending(event, true));
document.addEventListener("htmx:afterRequest", (event) => sending(event, false));

function sending(event, yes) {
  if (form() && event.target === form()) form().elements.text.readOnly = yes;
}

document.addEventListener("talk-said", () => {
  const { dataset, elements } = form();
  localStorage.removeItem(dataset.keep);
  elements.text.value = "";
  files?.clear();
  form().querySelector(".composer-problem").replaceChildren();
  elements.text.focus();
  follows = true;
});

if (isDialog) {
  place.addEventListener("close", () => {
    clearTimeout(looking);
    place.replaceChildren();
  });
} else if (messages()) opened();
