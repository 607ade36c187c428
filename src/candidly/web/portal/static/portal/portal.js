// The conversation of somebody without an account. Everything here only makes smoother what the plain page does.
import { ChosenFiles } from "../shell/js/chosen_files.js";
import "../shell/js/live.js";

const NEAR = 80; // pixels from the end that still count as "at the end"
const READING = 1000; // a message that stood there so long has been seen
const HEADERS = { "X-Requested-With": "fetch" };
const UNREACHABLE = "Not sent: the page could not be reached. What you wrote is still here. Try again, and it goes only once.";

const scroll = document.getElementById("scroll");
const timeline = document.getElementById("timeline");
const form = document.querySelector("[data-reply]");
const unsent = document.querySelector("[data-unsent]");
const draftOf = (conversation) => `portal-draft:${conversation}`;
let follows = true;
let seen = 0; // the newest message that was told of as seen
let looking = 0;

// ── Messages: those that came are put where they belong; what stands there stays.
function merge(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("timeline");
  if (!fresh) return location.reload();
  if ("closed" in fresh.dataset !== "closed" in timeline.dataset) return location.reload();
  let last = null;
  for (const item of [...fresh.children]) {
    const shown = document.getElementById(item.id);
    if (shown) shown.querySelector(".delivery")?.replaceWith(item.querySelector(".delivery") ?? "");
    else if (last) last.after(item);
    else timeline.prepend(item);
    last = shown ?? item;
  }
  document.getElementById("nothing")?.remove();
  Object.assign(timeline.dataset, { newest: fresh.dataset.newest, sendKey: fresh.dataset.sendKey });
  if (follows) toEnd();
  look();
}

async function refresh() {
  const answer = await fetch(`${location.pathname}messages/`, { headers: HEADERS });
  if (answer.ok) merge(await answer.text());
  else if (answer.status === 404) location.reload(); // the link was withdrawn
}

function toEnd() {
  scroll.scrollTop = scroll.scrollHeight;
}

if ("latest" in timeline.dataset) {
  toEnd();
  scroll.addEventListener("scroll", () => (follows = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR));
  new ResizeObserver(() => follows && toEnd()).observe(scroll);
  document.body.addEventListener("live:portal", () => refresh().catch(() => {})); // it comes again with the next event
  document.addEventListener("visibilitychange", look);
  look();
}

// ── Seen: told when the page has really been before somebody's eyes for a moment.
function look() {
  clearTimeout(looking);
  if (document.visibilityState === "visible" && Number(timeline.dataset.newest) > seen) looking = setTimeout(tell, READING);
}

function tell() {
  const upTo = timeline.dataset.newest;
  const body = new URLSearchParams({ up_to: upTo, csrfmiddlewaretoken: document.body.dataset.csrf });
  fetch(`${location.pathname}seen/`, { method: "POST", body, headers: HEADERS, keepalive: true })
    .then((answer) => answer.ok && (seen = Number(upTo)))
    .catch(() => {}); // told again with the next message
}

// ── The reply: a draft that outlives the page, files as chips, sent without leaving.
if (form) {
  const text = form.elements.text;
  const files = new ChosenFiles(form);
  const draft = draftOf(form.dataset.reply);
  let isBusy = false;

  text.value ||= localStorage.getItem(draft) ?? "";
  text.addEventListener("input", () => (text.value.trim() ? localStorage.setItem(draft, text.value) : localStorage.removeItem(draft)));

  // On a phone Enter begins a line; on a keyboard it sends, and Shift Enter begins a line.
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey) return;
    if (!event.ctrlKey && !event.metaKey && !matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    form.requestSubmit();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    busy(true);
    say("");
    try {
      await send();
    } catch {
      say(UNREACHABLE);
    }
    busy(false);
  });

  async function send() {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: HEADERS });
    const said = await answer.text();
    if (answer.ok) sent(said);
    else if (answer.status === 404) location.reload();
    else say(answer.status === 422 ? said : UNREACHABLE);
  }

  function sent(html) {
    localStorage.removeItem(draft);
    text.value = "";
    files.clear();
    follows = true;
    merge(html);
    form.elements.send_key.value = timeline.dataset.sendKey;
    text.focus();
  }

  function busy(yes) {
    isBusy = text.readOnly = yes;
    form.querySelector("[type=submit]").ariaBusy = String(yes);
  }

  function say(sentence) {
    const line = document.createElement("p");
    line.className = "error";
    line.textContent = sentence;
    document.getElementById("reply-problem").replaceChildren(...(sentence ? [line] : []));
  }
}

// ── Closed while somebody was writing: the words stay to be read and copied.
if (unsent) {
  const words = unsent.querySelector("textarea");
  words.value ||= localStorage.getItem(draftOf(unsent.dataset.unsent)) ?? "";
  unsent.hidden = !words.value;
}
