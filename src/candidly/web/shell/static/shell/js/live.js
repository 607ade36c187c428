// One stream of events a page. Each becomes a DOM event `live:<name>` on the body, which hx-trigger listens to.
// The person's page of the portal has a token of its own, and its own place to get a fresh one.
// After a gap every name is raised once: what was missed is fetched afresh.
const NAMES = [
  "inbox", "conversation", "assigned", "presence", "mailing", "import", "reminders", "due", "review", "portal",
  "campaign", "campaigns", "mailbox", "mailboxes", "agency", "stage",
];
const PATIENCE = 5000; // before the page says that it has no connection
const REST = 60000; // a hidden tab gives its connection back after this long
const RETRY = 10000;

const mark = document.getElementById("connection");
let token = document.body.dataset.live;
let stream = null;
let wasOpen = false;
let complaint = 0;
let rest = 0;

// An element that replaces itself drops what it still wanted to ask, yet its answer may be older than this event.
const overtaken = new Set();

function isBeingAsked(name) {
  return document.querySelector(`.htmx-request[hx-swap^="outerHTML"][hx-trigger*="live:${name} "]`) !== null;
}

function raise(name, detail = {}) {
  if (isBeingAsked(name)) overtaken.add(name);
  document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail, bubbles: true }));
}

// When the last of them has its answer: at the first one's, each would find another under way, and never come to rest.
function catchUp() {
  const names = [...overtaken].filter((name) => !isBeingAsked(name));
  names.forEach((name) => overtaken.delete(name));
  names.forEach((name) => raise(name));
}

function opened() {
  clearTimeout(complaint);
  complaint = 0;
  if (mark) mark.hidden = true;
  if (wasOpen) NAMES.forEach((name) => raise(name));
  wasOpen = true;
}

function lost() {
  if (mark) complaint ||= setTimeout(() => (mark.hidden = false), PATIENCE);
  if (stream?.readyState === EventSource.CLOSED) setTimeout(refreshed, RETRY);
}

// The browser gives up when the server refuses the token, which ages; a signed-in member gets a fresh one for it.
async function refreshed() {
  if (stream?.readyState !== EventSource.CLOSED) return;
  try {
    const fresh = document.body.dataset.liveFresh ?? `/live-token/?t=${encodeURIComponent(token)}`;
    const answer = await fetch(fresh);
    if (answer.ok && !answer.redirected) token = await answer.text();
    connect();
  } catch {
    setTimeout(refreshed, RETRY);
  }
}

// What nobody pressed for takes no confirmation: it may be on its way when the one for the next page is written.
const PRESSED = ["click", "submit", "change", "input", "search", "reminder"];

function asksByItself({ verb, triggeringEvent }) {
  return verb === "get" && !PRESSED.includes(triggeringEvent?.type);
}

function connect() {
  stream?.close();
  stream = new EventSource(`/live/?t=${encodeURIComponent(token)}`);
  stream.addEventListener("open", opened);
  stream.addEventListener("error", lost);
  for (const name of NAMES) stream.addEventListener(name, (event) => raise(name, JSON.parse(event.data || "{}")));
}

function disconnect() {
  stream?.close();
  stream = null;
  clearTimeout(complaint);
  complaint = 0;
}

if (token) {
  // Not before htmx listens: what happened since the page was made comes at once.
  if (document.readyState === "complete") connect();
  else addEventListener("DOMContentLoaded", connect, { once: true });
  document.body.addEventListener("htmx:afterSettle", catchUp);
  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    if (asksByItself(detail)) detail.headers["X-Live"] = "true";
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("visibilitychange", () => {
    clearTimeout(rest);
    if (document.hidden) rest = setTimeout(disconnect, REST);
    else if (!stream) connect();
  });
}
