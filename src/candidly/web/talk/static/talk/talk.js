// The dialog in which a member talks with an agency user: #agency-talk, filled by htmx.
const NEAR = 80; // pixels from the end that still count as "at the end"
const READING = 1000; // a message that stood there so long has been seen

const dialog = document.getElementById("agency-talk");
let seen = 0; // the newest message that was told of as seen
let looking = 0;
let fromEnd = 0;

function messages() {
  return document.getElementById("talk-messages");
}

function form() {
  return document.getElementById("talk-form");
}

// ── It opens at the first unread message, else at the end, and stays where the reader is whatever comes in.
document.addEventListener("htmx:beforeSwap", () => {
  const place = messages();
  if (place) fromEnd = place.scrollHeight - place.scrollTop;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const path = event.detail.pathInfo?.requestPath ?? "";
  if (event.detail.target === dialog) opened();
  else if (path.includes("before=")) messages().scrollTop = messages().scrollHeight - fromEnd;
  else if (dialog?.open && event.detail.target.id === "talk-messages") refreshed(event.detail.target);
});

function opened() {
  if (!dialog.open) dialog.showModal();
  seen = 0;
  const unread = messages().querySelector(".day-separator[data-unread]");
  if (unread) unread.scrollIntoView({ block: "start" });
  else toEnd();
  if (form()) form().elements.text.value ||= localStorage.getItem(form().dataset.keep) ?? "";
  form()?.elements.text.focus();
  look();
}

function refreshed(before) {
  const wasAtEnd = fromEnd - before.clientHeight < NEAR;
  if (wasAtEnd) toEnd();
  else messages().scrollTop = messages().scrollHeight - fromEnd;
  if (document.activeElement === document.body) messages().focus(); // what had the focus was deleted
  look();
}

function toEnd() {
  messages().scrollTop = messages().scrollHeight;
}

// What was unfolded above stays.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "talk-messages") return;
  const first = event.target.querySelector("[data-message]");
  if (first) event.detail.parameters.set("since", first.dataset.message);
});

// ── Seen: told when the messages have really been before somebody's eyes for a moment.
function look() {
  clearTimeout(looking);
  const isNews = Number(messages()?.dataset.newest) > seen;
  if (dialog?.open && isNews && document.visibilityState === "visible") looking = setTimeout(tell, READING);
}

function tell() {
  const place = messages();
  if (!place) return;
  const upTo = place.dataset.newest;
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch(place.dataset.seen, { method: "POST", body: new URLSearchParams({ up_to: upTo }), headers, keepalive: true })
    .then((answer) => answer.ok && (seen = Number(upTo)))
    .catch(() => {}); // told again with the next message
}

document.addEventListener("visibilitychange", look);

// ── What is being written outlives the dialog and the page, until it was said.
document.addEventListener("input", (event) => {
  const keep = event.target.matches?.("#talk-form textarea") && form().dataset.keep;
  if (!keep) return;
  if (event.target.value.trim()) localStorage.setItem(keep, event.target.value);
  else localStorage.removeItem(keep);
});

document.addEventListener("talk-said", (event) => localStorage.removeItem(event.target.dataset.keep));

dialog?.addEventListener("close", () => {
  clearTimeout(looking);
  dialog.replaceChildren();
});
