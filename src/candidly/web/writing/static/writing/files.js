// Files of a form[data-takes-files]: each is uploaded as it is chosen; its id travels with the form. One that was there
// already ([data-kept]) and is taken off travels as detached.
function tokenOf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

function inWords(size) {
  if (size >= 1e6) return `${(size / 1e6).toFixed(1)} MB`;
  return size >= 1000 ? `${Math.round(size / 1000)} KB` : `${size} bytes`;
}

function chip(list, file) {
  const made = list.parentElement.querySelector("template[data-file]").content.cloneNode(true).firstElementChild;
  made.querySelector("span").textContent = file.name;
  made.querySelector("small").textContent = "Attaching…";
  made.querySelector("[data-detach]").ariaLabel = `Remove ${file.name}`;
  list.append(made);
  return made;
}

async function upload(list, file) {
  const made = chip(list, file);
  made.dataset.busy = "";
  const body = new FormData();
  body.append("file", file);
  const answer = await post(list.dataset.url, body);
  delete made.dataset.busy;
  attached(made, answer);
  changed(list);
  sendOnceAttached(list.closest("form"));
}

function attached(made, answer) {
  made.querySelector("small").textContent = answer.id ? inWords(answer.size) : answer.error;
  if (!answer.id) {
    made.dataset.failed = "";
    return;
  }
  const named = document.createElement("input");
  Object.assign(named, { type: "hidden", name: "attachments", value: answer.id });
  made.append(named);
}

async function post(url, body) {
  try {
    const response = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": tokenOf() } });
    return await response.json();
  } catch {
    return { error: "Not attached. Remove it and attach it again." };
  }
}

// Whoever watches the form for changes hears of files too.
function changed(list) {
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("form[data-takes-files] [data-attach]")) return;
  const list = event.target.form.querySelector("[data-files]");
  for (const file of event.target.files) upload(list, file);
  event.target.value = "";
});

document.addEventListener("click", (event) => {
  const chip = event.target.closest("form[data-takes-files] [data-detach]")?.closest("li");
  if (!chip) return;
  const list = chip.parentElement;
  wait(chip.closest("form"), ""); // whoever takes a file away may want to look again: nothing goes by itself then
  if ("kept" in chip.dataset) detach(chip);
  chip.remove();
  changed(list);
});

function detach(chip) {
  const named = chip.querySelector("input");
  named.name = "detached";
  chip.parentElement.after(named);
}

// ── Nothing may leave without a file that was meant to go with it: the form waits for those on their way.
function wait(form, sentence) {
  const hint = document.querySelector(`[data-hint-of="${form.id}"]`);
  hint.dataset.usual ??= hint.textContent;
  hint.textContent = sentence || hint.dataset.usual;
  form.toggleAttribute("data-waiting", Boolean(sentence));
  for (const button of form.elements) if (button.type === "submit") button.ariaBusy = String(Boolean(sentence));
}

function sendOnceAttached(form) {
  if (form && "waiting" in form.dataset) form.requestSubmit();
}

document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("form[data-takes-files]")) return;
    const failed = event.target.querySelector("[data-files] [data-failed]");
    const underway = event.target.querySelector("[data-files] [data-busy] > span");
    wait(event.target, underway && !failed ? `${event.target.dataset.takesFiles} as soon as ${underway.textContent} is attached…` : "");
    failed?.querySelector("[data-detach]").focus();
    if (!failed && !underway) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
