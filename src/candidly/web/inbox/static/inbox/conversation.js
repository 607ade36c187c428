// The lists and the open conversation stay where the reader left them, whatever comes in.
const NEAR = 80; // pixels from the end that still count as "at the end"
const PLACE = "inbox-place"; // where the list was, kept for the next page

const list = document.getElementById("conversation-list");
const listScroll = document.getElementById("inbox-scroll");
const thread = document.querySelector(".thread-scroll");
const newer = document.getElementById("newer");
const newBelow = document.getElementById("new-below");
let follows = true;
let fromEnd = 0;

// ── The list: fetched again as long as it is shown, and found at the same place on the next page.
if (list) {
  list.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt === list) event.detail.parameters.set("rows", rowsShown());
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest(".conversation-link")) remember();
  });
  document.addEventListener("htmx:load", restore, { once: true }); // once htmx listens to its triggers
}

function rowsShown() {
  return list.querySelectorAll(".conversation-row").length;
}

function remember() {
  const place = { folder: list.dataset.folder, rows: rowsShown(), top: listScroll.scrollTop };
  sessionStorage.setItem(PLACE, JSON.stringify(place));
}

function restore() {
  const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  sessionStorage.removeItem(PLACE);
  if (place?.folder !== list.dataset.folder) return;
  if (place.rows <= rowsShown()) {
    listScroll.scrollTop = place.top;
    return;
  }
  const asked = (event) => event.detail.parameters.set("rows", place.rows);
  list.addEventListener("htmx:configRequest", asked, { once: true });
  list.addEventListener("htmx:afterSettle", () => (listScroll.scrollTop = place.top), { once: true });
  htmx.trigger(list, "inbox-shown");
}

// ── The conversation: opens at the first unread message, and follows only a reader who is at the end.
if (thread) {
  const unread = thread.querySelector(".day-separator[data-unread]");
  if (unread) unread.scrollIntoView({ block: "start" });
  else toEnd();

  follows = isAtEnd();
  thread.addEventListener("scroll", () => {
    follows = isAtEnd();
    if (follows) newBelow.hidden = true;
  });
  new ResizeObserver(() => follows && toEnd()).observe(thread); // the composer grows as one writes
  newBelow.addEventListener("click", () => {
    toEnd();
    thread.focus();
  });
  document.addEventListener("htmx:beforeSwap", () => {
    fromEnd = thread.scrollHeight - thread.scrollTop;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.requestConfig?.elt === newer) shown(event.detail.requestConfig);
    else if (event.detail.pathInfo?.requestPath.includes("before=")) thread.scrollTop = thread.scrollHeight - fromEnd;
  });
  newer.addEventListener("htmx:configRequest", (event) => {
    if (!document.hidden) event.detail.parameters.set("seen", "1");
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) htmx.trigger(newer, "messages-seen");
  });
}

function isAtEnd() {
  return thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR;
}

function toEnd() {
  thread.scrollTop = thread.scrollHeight;
}

function shown(request) {
  const after = Number(request.parameters.after);
  const messages = [...thread.querySelectorAll(".message")].filter((message) => idOf(message) > after);
  if (messages.length === 0) return;
  if (follows || request.triggeringEvent?.type === "message-sent") toEnd();
  else {
    newBelow.querySelector("span").textContent = messages.length === 1 ? "1 new message" : `${messages.length} new messages`;
    newBelow.hidden = false;
  }
}

function idOf(message) {
  return Number(message.id.replace("message-", ""));
}

// ── A dialog named in the address opens with the page: ?new=1, ?edit=1.
const asked = new URLSearchParams(location.search);
for (const dialog of document.querySelectorAll("dialog[data-open-for]")) {
  if (asked.has(dialog.dataset.openFor)) dialog.showModal();
}
