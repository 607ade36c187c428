// <form data-composer>: keys, drafts, templates, and a send that cannot lose what was written.
import { Draft, draftOf, flushAll } from "./draft.js";
import { refresh } from "./lines.js";
import "./files.js";
import "./mentions.js";
import "./undo.js";

const forms = new WeakMap();
let hasSent = false; // the composer that comes next follows on the one that was sent

class Composer {
  constructor(form) {
    this.form = form;
    this.text = form.elements.text;
    this.subject = form.elements.subject;
    this.draft = new Draft(form);
    refresh(form);
  }

  changed() {
    refresh(this.form);
    this.draft.touched();
  }

  // ── Sending
  busy(isBusy) {
    this.text.readOnly = this.subject.readOnly = isBusy;
    this.form.querySelector(".btn-group > [type=submit]").ariaBusy = String(isBusy);
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

  // ── Templates
  async insert(address) {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) {
      this.say("The template could not be fetched. Try again.");
      return;
    }
    const { subject, text, empty } = await answer.json();
    if (subject && !this.subject.value.trim()) this.subject.value = subject;
    const [from, to] = [this.text.selectionStart, this.text.selectionEnd];
    this.text.setRangeText(text, from, to, "end");
    this.text.focus();
    this.say(empty.length ? `No value here for ${empty.map((name) => `{{${name}}}`).join(", ")}: replace it with your own words.` : "", "hint");
    this.changed();
  }

  // ── What was written here elsewhere
  other(words) {
    const place = this.form.querySelector(".composer-draft");
    const details = document.createElement("details");
    details.className = "composer-other";
    details.open = true;
    const summary = document.createElement("summary");
    summary.textContent = "This was written here in another tab or on another device";
    const said = document.createElement("blockquote");
    said.textContent = words;
    details.append(summary, said, linkButton("Put it below", "otherUse"), " ", linkButton("Drop it", "otherDrop"));
    place.replaceChildren(details);
  }

  settleOther(isUsed) {
    const place = this.form.querySelector(".composer-draft");
    if (isUsed) this.text.value = `${this.text.value}\n\n${place.querySelector("blockquote").innerText}`.trim();
    place.replaceChildren();
    this.form.dataset.settled = "";
    this.changed();
    this.text.focus();
  }
}

function linkButton(words, key) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "link-btn", textContent: words });
  button.dataset[key] = "";
  return button;
}

function composerOf(element) {
  const form = element?.closest?.("form[data-composer]");
  if (form && !forms.has(form)) forms.set(form, new Composer(form));
  return forms.get(form);
}

document.querySelectorAll("form[data-composer]").forEach(composerOf);
document.addEventListener("htmx:load", (event) => {
  const root = event.detail.elt;
  const made = root.matches?.("form[data-composer]") ? [root] : root.querySelectorAll?.("form[data-composer]") ?? [];
  made.forEach(composerOf);
  if (hasSent && made.length) forms.get(made[0]).text.focus();
  hasSent = false;
});
document.addEventListener("message-sent", (event) => (hasSent = forms.has(event.target)));

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-press-enter]")) composerOf(event.target)?.changed();
});
document.addEventListener("form-waits", (event) => composerOf(event.target)?.busy(event.detail));
document.addEventListener("files-removed", (event) => {
  const composer = composerOf(event.target);
  composer?.say("");
  composer?.text.focus();
});
document.addEventListener("draft-other", (event) => composerOf(event.target)?.other(event.detail));

document.addEventListener("click", (event) => {
  const composer = composerOf(event.target);
  if (!composer) return;
  const template = event.target.closest("[data-template]");
  if (template) composer.insert(template.dataset.template);
  else if (event.target.closest("[data-other-use]")) composer.settleOther(true);
  else if (event.target.closest("[data-other-drop]")) composer.settleOther(false);
});

// Enter in a field other than the text never sends: a chip is turned, the subject leads on to the text.
document.addEventListener("keydown", (event) => {
  const composer = event.key === "Enter" && !event.isComposing && composerOf(event.target);
  if (!composer || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === composer.text) {
    if (!composer.form.querySelector("[data-press-enter]")?.checked) return;
    event.preventDefault();
    composer.form.requestSubmit();
  } else if (event.target.matches("input")) {
    event.preventDefault();
    if (event.target.type === "checkbox") event.target.click();
    else composer.text.focus();
  }
});

// ── To the server and back
document.addEventListener("htmx:configRequest", (event) => {
  const composer = forms.get(event.detail.elt);
  const submitter = event.detail.triggeringEvent?.submitter;
  if (composer && submitter?.name) event.detail.parameters.set(submitter.name, submitter.value);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const composer = forms.get(event.detail.elt);
  if (!composer) return;
  composer.say("");
  composer.busy(true);
  composer.draft.stop();
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) forms.get(event.detail.elt)?.draft.forget();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const composer = forms.get(event.detail.elt);
  if (!composer) return;
  composer.busy(false);
  if (event.detail.successful) return;
  composer.draft.touched();
  if (event.detail.xhr.status !== 422) {
    composer.say("Not sent. What you wrote is still here: try again, and it goes only once.");
  }
});

// Whatever puts another composer in place of one waits until the words in it are kept. What was pressed may have been
// put afresh into the page by then; it is asked for all the same.
document.addEventListener("htmx:confirm", async (event) => {
  const { target, elt, question, issueRequest, verb, path } = event.detail;
  if (question || event.defaultPrevented || forms.has(elt) || !target?.matches?.("form[data-composer], #message-panel")) return;
  event.preventDefault();
  await flushAll();
  if (elt.isConnected) issueRequest(true);
  else htmx.ajax(verb, path, { target: `#${target.id}`, swap: elt.getAttribute("hx-swap") });
});

// A tab that comes to the front shows what was written last, wherever that was.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const form of document.querySelectorAll("form[data-composer][data-draft]")) {
    const draft = draftOf(form);
    if (!draft || draft.isDirty) continue;
    const asked = new URLSearchParams({ version: form.dataset.version });
    for (const name of ["conversation", "person", "application", "stays"]) if (form.elements[name]) asked.set(name, form.elements[name].value);
    htmx.ajax("GET", `/composer/?${asked}`, { target: form, swap: "outerHTML" });
  }
});
