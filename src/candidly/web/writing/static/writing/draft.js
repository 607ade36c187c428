// What is being written is kept on the server soon after each pause, and when the page is left. Until the server has
// it, it lies in this browser too, so that a lost connection loses nothing.
const PAUSE = 600;
const AGAIN = 5000;
const WORDS = ["subject", "text", "body", "is_html"];
const drafts = new Map();

/** <form data-draft="address" data-version data-net="key">; without data-draft it is kept in this browser alone. */
export class Draft {
  constructor(form) {
    this.form = form;
    this.net = `draft:${form.dataset.net}`;
    this.isDirty = false;
    drafts.set(form, this);
    this.rescue();
  }

  /** Something was changed. */
  touched() {
    this.isDirty = true;
    this.isStopped = false;
    this.note();
    this.later(PAUSE);
  }

  note(more = {}) {
    const isNote = this.form.elements.note?.checked; // a note must not come back as a message
    const kept = { ...this.words(), ...more, isNote, version: this.form.dataset.version ?? "" };
    localStorage.setItem(this.net, JSON.stringify(kept));
  }

  /** It is being sent: nothing is kept any more, unless something is changed. */
  stop() {
    clearTimeout(this.timer);
    this.isStopped = true;
    this.isDirty = false;
  }

  /** It was sent, or given up. */
  forget() {
    this.stop();
    localStorage.removeItem(this.net);
  }

  async flush() {
    clearTimeout(this.timer);
    await this.saving;
    if (this.isDirty) await this.save();
  }

  later(delay) {
    clearTimeout(this.timer);
    if (this.form.dataset.draft !== undefined) this.timer = setTimeout(() => this.flush(), delay);
  }

  save() {
    if (!this.form.isConnected || this.form.dataset.draft === undefined) return undefined;
    this.isDirty = false;
    this.saving = this.post().catch(() => this.failed());
    return this.saving;
  }

  async post() {
    const answer = await fetch(this.form.dataset.draft, { method: "POST", body: this.body(), headers: this.headers() });
    if (answer.status >= 500) throw new Error(answer.statusText);
    if (!answer.ok || answer.redirected) return;
    const { version, other } = await answer.json();
    delete this.form.dataset.settled;
    this.form.dataset.version = version;
    if (other) this.form.dispatchEvent(new CustomEvent("draft-other", { detail: other, bubbles: true }));
    if (!this.isDirty) localStorage.removeItem(this.net);
  }

  failed() {
    if (this.isStopped) return;
    this.isDirty = true;
    this.later(AGAIN);
  }

  /** The page is left, perhaps for good. */
  leave() {
    if (!this.isDirty || !this.form.isConnected || this.form.dataset.draft === undefined) return;
    this.isDirty = false;
    this.note({ isHanded: true }); // whether it arrived is not known here any more when the page is gone
    const options = { method: "POST", body: this.body(), headers: this.headers(), keepalive: true };
    this.saving = fetch(this.form.dataset.draft, options)
      .then((answer) => answer.ok && answer.json())
      .then((kept) => kept && this.arrived(kept.version))
      .catch(() => this.failed());
  }

  arrived(version) {
    this.form.dataset.version = version;
    if (!this.isDirty) localStorage.removeItem(this.net);
  }

  body() {
    const body = new FormData(this.form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    for (const [name, value] of Object.entries(this.words())) body.set(name, value);
    if ("settled" in this.form.dataset) body.set("settled", "1");
    body.set("version", this.form.dataset.version ?? "");
    return new URLSearchParams(body);
  }

  headers() {
    return { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] };
  }

  /** What somebody wrote; a subject that stands there by itself is nobody's words. */
  words() {
    const words = {};
    for (const name of WORDS) {
      const field = this.form.elements[name];
      if (field) words[name] = field.value === field.dataset.usual ? "" : field.value;
    }
    return words;
  }

  /** Words that never reached the server come back, beside those that did. */
  rescue() {
    const kept = JSON.parse(localStorage.getItem(this.net) ?? "null");
    if (!kept) return;
    const shown = this.words();
    const lost = kept.text ?? kept.body ?? "";
    if (WORDS.every((name) => (kept[name] ?? "") === (shown[name] ?? ""))) localStorage.removeItem(this.net);
    else if (kept.version === (this.form.dataset.version ?? "") && !kept.isHanded) this.put(kept);
    else if (lost.trim()) this.form.dispatchEvent(new CustomEvent("draft-other", { detail: lost, bubbles: true }));
  }

  put(kept) {
    for (const name of WORDS) if (kept[name] && this.form.elements[name]) this.form.elements[name].value = kept[name];
    if (kept.isNote && this.form.elements.note) this.form.elements.note.checked = true;
    this.touched();
  }
}

export function draftOf(form) {
  return drafts.get(form);
}

export async function flushAll() {
  for (const [form, draft] of drafts) {
    if (form.isConnected) await draft.flush();
    else await draft.saving;
    if (!form.isConnected) drafts.delete(form);
  }
}

function leaveAll() {
  for (const draft of drafts.values()) draft.leave();
}

addEventListener("pagehide", leaveAll);
document.addEventListener("visibilitychange", () => document.hidden && leaveAll());
addEventListener("online", () => drafts.forEach((draft) => draft.isDirty && draft.flush()));
