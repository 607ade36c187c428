// Files of a form: each is uploaded as it is chosen, dropped or pasted; its id travels with the form in a hidden field.
// One that belonged to the form before ([data-kept]) and is taken off travels as `detached`.
// <ul data-files data-url> and, beside it, <template data-file>. The list says `files-changed`, `files-settled` and `files-removed`.
import { inWords } from "../shell/js/sizes.js";

const GONE = "Not attached. Remove it and attach it again.";

function listOf(form) {
  return form?.querySelector("[data-files][data-url]");
}

/** The name of a file on its way, or undefined. */
export function underway(form) {
  return listOf(form).querySelector("[data-busy] > span")?.textContent;
}

/** The first file that was not attached, or null. */
export function failed(form) {
  return listOf(form).querySelector("[data-failed]");
}

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

function attach(list, files) {
  for (const file of files) upload(list, file, chip(list, file));
}

function chip(list, { name, size }) {
  const made = list.parentElement.querySelector("template[data-file]").content.cloneNode(true).firstElementChild;
  made.querySelector("span").textContent = name;
  made.querySelector("small").textContent = inWords(size);
  made.querySelector("[data-remove]").ariaLabel = `Remove ${name}`;
  list.append(made);
  return made;
}

function upload(list, file, made) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file, file.name || "picture.png");
  request.upload.onprogress = (event) => (made.querySelector("progress").value = event.loaded / event.total);
  request.onload = () => answered(request, made);
  request.onerror = () => refuse(made, "Not attached: Candidly could not be reached. Remove it and attach it again.");
  request.onloadend = () => tell(list, "files-settled");
  request.open("POST", list.dataset.url);
  request.setRequestHeader("X-CSRFToken", token());
  made.dataset.busy = "";
  made.addEventListener("removed", () => request.abort());
  request.send(body);
}

function answered(request, made) {
  const answer = parsed(request.responseText);
  if (request.status !== 201 || !answer.id) {
    refuse(made, answer.error ?? GONE);
    return;
  }
  delete made.dataset.busy;
  made.querySelector("progress").remove();
  made.querySelector("span").textContent = answer.name;
  const named = document.createElement("input");
  Object.assign(named, { type: "hidden", name: "attachments", value: answer.id });
  made.append(named);
  tell(made, "files-changed");
}

function refuse(made, sentence) {
  delete made.dataset.busy;
  made.dataset.failed = "";
  made.querySelector("progress").remove();
  made.querySelector("small").textContent = sentence;
}

function remove(made) {
  const list = made.parentElement;
  made.dispatchEvent(new Event("removed"));
  if ("kept" in made.dataset) detach(made);
  made.remove();
  tell(list, "files-removed");
  tell(list, "files-changed");
}

function detach(made) {
  const named = made.querySelector("input");
  named.name = "detached";
  made.parentElement.after(named);
}

function tell(element, name) {
  element.dispatchEvent(new CustomEvent(name, { bubbles: true }));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

document.addEventListener("change", (event) => {
  const list = event.target.matches("[data-attach]") && listOf(event.target.form);
  if (!list) return;
  attach(list, event.target.files);
  event.target.value = "";
});

document.addEventListener("click", (event) => {
  const made = event.target.closest("[data-files][data-url] [data-remove]")?.closest("li");
  if (made) remove(made);
});

for (const name of ["dragover", "drop"]) {
  document.addEventListener(name, (event) => {
    const list = listOf(event.target.closest?.("form"));
    if (!list || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop") attach(list, event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  const list = listOf(event.target.closest?.("form"));
  if (!list || !event.clipboardData.files.length) return;
  event.preventDefault();
  attach(list, event.clipboardData.files);
});
