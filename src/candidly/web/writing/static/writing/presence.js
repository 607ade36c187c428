// Colleagues see who has the conversation open, and who is writing. A hidden page says nothing.
const EVERY = 20000;
const IDLE = 6000;
const place = document.getElementById("presence");
let isWriting = false;
let pause = 0;

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

async function ask(options = {}) {
  const answer = await fetch(place.dataset.viewing, options).catch(() => null);
  if (answer?.status !== 200 || answer.redirected) return;
  const shown = (await answer.text()).trim();
  if (shown !== place.dataset.shown) place.innerHTML = shown;
  place.dataset.shown = shown;
}

function say(words, options = {}) {
  return ask({ method: "POST", body: new URLSearchParams(words), headers: { "X-CSRFToken": token() }, ...options });
}

function hello() {
  if (!document.hidden) say(isWriting ? { writing: "1" } : {});
}

function writes(nowWriting) {
  if (nowWriting !== isWriting) {
    isWriting = nowWriting;
    hello();
  }
}

if (place) {
  hello();
  setInterval(hello, EVERY);
  document.addEventListener("visibilitychange", hello);
  document.body.addEventListener("live:presence", () => document.hidden || ask());
  addEventListener("pagehide", () => say({ gone: "1" }, { keepalive: true }));
  document.addEventListener("input", (event) => {
    if (!event.target.closest?.("#composer-answer")) return;
    clearTimeout(pause);
    pause = setTimeout(() => writes(false), IDLE);
    writes(true);
  });
}
