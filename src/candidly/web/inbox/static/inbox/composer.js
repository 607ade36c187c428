// <form data-composer>: files, keys, a draft that outlives a reload, and a send that cannot lose what was written.
const forms = new Map();

class Composer {
  constructor(form) {
    this.form = form;
    this.text = form.querySelector("textarea");
    this.subject = form.querySelector("[name=subject]");
    this.files = form.querySelector("[data-files]");
    this.key = `draft:${form.dataset.draft}`;
    this.isWaiting = false; // Send was pressed, and a file is still on its way
    this.restore();
  }

  // ── Draft
  save() {
    const files = [...this.files.children].filter((file) => file.dataset.id);
    const draft = { text: this.text.value, files: files.map(({ dataset: { id, name, size } }) => ({ id, name, size })) };
    if (this.subject.value !== this.subject.defaultValue) draft.subject = this.subject.value;
    if (draft.text.trim() || draft.files.length || draft.subject) localStorage.setItem(this.key, JSON.stringify(draft));
    else localStorage.removeItem(this.key);
  }

  restore() {
    const draft = JSON.parse(localStorage.getItem(this.key) ?? "null");
    if (!draft) return;
    this.text.value ||= draft.text;
    this.subject.value = draft.subject ?? this.subject.value;
    for (const file of draft.files) this.attached(this.chip(file.name, file.size), file);
  }

  sent() {
    localStorage.removeItem(this.key);
    this.text.value = "";
    this.files.replaceChildren();
    this.say("");
    this.text.focus();
  }

  // ── Files
  attach(files) {
    for (const file of files) this.upload(file, this.chip(file.name, file.size));
  }

  chip(name, size) {
    const chip = this.form.querySelector("template[data-file]").content.cloneNode(true).firstElementChild;
    chip.querySelector("span").textContent = name;
    chip.querySelector("small").textContent = inWords(size);
    chip.querySelector("[data-remove]").ariaLabel = `Remove ${name}`;
    this.files.append(chip);
    return chip;
  }

  upload(file, chip) {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file, file.name || "picture.png");
    request.upload.onprogress = (event) => (chip.querySelector("progress").value = event.loaded / event.total);
    request.onload = () => this.answered(request, chip);
    request.onerror = () => failed(chip, "Not attached: Candidly could not be reached. Remove it and attach it again.");
    request.onloadend = () => this.sendOnceAttached();
    request.open("POST", this.files.dataset.url);
    request.setRequestHeader("X-CSRFToken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
    chip.dataset.busy = "";
    chip.addEventListener("removed", () => request.abort());
    request.send(body);
  }

  answered(request, chip) {
    const answer = parsed(request.responseText);
    if (request.status === 201 && answer.id) this.attached(chip, answer);
    else failed(chip, answer.error ?? "Not attached. Remove it and attach it again.");
    this.save();
  }

  attached(chip, { id, name, size }) {
    Object.assign(chip.dataset, { id, name, size });
    delete chip.dataset.busy;
    chip.querySelector("progress").remove();
    chip.querySelector("span").textContent = name;
    const named = document.createElement("input");
    Object.assign(named, { type: "hidden", name: "attachments", value: id });
    chip.append(named);
  }

  remove(chip) {
    this.wait(false); // whoever takes a file away may want to read it all again: nothing goes by itself then
    chip.dispatchEvent(new Event("removed"));
    chip.remove();
    this.say("");
    this.save();
    this.text.focus();
  }

  // ── Sending
  /** Whether the form may go now. A file on its way is waited for, and one that did not arrive is told. */
  mayGo() {
    const underway = this.files.querySelector("[data-busy] > span");
    const isFailed = this.files.querySelector("[data-failed]");
    if (isFailed) this.say("A file was not attached. Remove it, or attach it again, then send.");
    else if (underway) this.say(`Sending as soon as ${underway.textContent} is attached…`, "hint");
    else this.say("");
    this.wait(Boolean(underway && !isFailed));
    return !underway && !isFailed;
  }

  wait(isWaiting) {
    if (isWaiting !== this.isWaiting) this.busy(isWaiting);
    this.isWaiting = isWaiting;
  }

  sendOnceAttached() {
    if (this.isWaiting && this.mayGo()) this.form.requestSubmit();
  }

  busy(isBusy) {
    this.text.readOnly = this.subject.readOnly = isBusy;
    this.form.querySelector("[type=submit]").ariaBusy = String(isBusy);
  }

  say(sentence, kind = "error") {
    const place = this.form.querySelector(".composer-problem");
    place.replaceChildren();
    if (!sentence) return;
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = sentence;
    place.append(line);
  }
}

function failed(chip, sentence) {
  delete chip.dataset.busy;
  chip.dataset.failed = "";
  chip.querySelector("progress").remove();
  chip.querySelector("small").textContent = sentence;
}

function inWords(size) {
  if (size >= 1024 ** 2) return `${(size / 1024 ** 2).toFixed(1)} MB`;
  return size >= 1024 ? `${(size / 1024).toFixed(1)} KB` : `${size} bytes`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function composerOf(element) {
  const form = element.closest?.("form[data-composer]");
  if (form && !forms.has(form)) forms.set(form, new Composer(form));
  return forms.get(form);
}

document.querySelectorAll("form[data-composer]").forEach(composerOf);

document.addEventListener("input", (event) => composerOf(event.target)?.save());

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-attach]")) return;
  composerOf(event.target).attach(event.target.files);
  event.target.value = "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove]");
  if (button) composerOf(button)?.remove(button.closest("li"));
});

document.addEventListener("keydown", (event) => {
  const composer = event.key === "Enter" && !event.isComposing && composerOf(event.target);
  if (!composer || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === composer.subject) {
    event.preventDefault();
    composer.text.focus();
  } else if (event.target === composer.text && composer.form.querySelector("[data-press-enter]")?.checked) {
    event.preventDefault();
    composer.form.requestSubmit();
  }
});

for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    const composer = composerOf(event.target);
    if (!composer || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop") composer.attach(event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  const composer = composerOf(event.target);
  if (!composer || !event.clipboardData.files.length) return;
  event.preventDefault();
  composer.attach(event.clipboardData.files);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const composer = forms.get(event.detail.elt);
  if (!composer) return;
  if (composer.mayGo()) composer.busy(true);
  else event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const composer = forms.get(event.detail.elt);
  composer?.busy(false);
  if (composer && !event.detail.successful && event.detail.xhr.status !== 422) {
    composer.say("Not sent. What you wrote is still here: try again, and it goes only once.");
  }
});

document.addEventListener("message-sent", (event) => forms.get(event.target)?.sent());
