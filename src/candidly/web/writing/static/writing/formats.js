// One field, three ways to write in it: plain text, the formatted editor, and its HTML source. The editor is loaded
// when it is first needed. Switching asks before anything is lost.
import { confirmed } from "./confirm.js";

const load = () => import("./rich.js");

// `field` shows `html-format` content; the source instead where the editor would drop something of it.
export async function openFormatted(field) {
  const { openEditor, lossesIn } = await load();
  if (field.richEditor) return;
  const lost = lossesIn(field.value);
  tools(field).source.hidden = false;
  if (lost.length) {
    showSource(field, true);
    note(field, `This HTML holds ${words(lost)}, which the editor cannot show. It is kept as it is: change the source.`);
    return;
  }
  note(field, "");
  openEditor(field);
  showSource(field, false);
}

async function toggleSource(field) {
  const { closeEditor, lossesIn } = await load();
  if (field.richEditor) {
    closeEditor(field);
    showSource(field, true);
    field.focus();
    return;
  }
  const lost = lossesIn(field.value);
  if (lost.length && !(await confirmed(`The editor cannot keep ${words(lost)}. Go on without?`, "Go on"))) return;
  if (lost.length) field.value = plainer(field.value);
  await openFormatted(field);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// From text to HTML or back, by the server. False when the member would rather keep what would be lost.
export async function switchFormat(field, isHtml, url) {
  const written = field.value;
  const { body, lost } = await convert(url, written, isHtml ? "html" : "text");
  const question = `Plain text cannot keep ${words(lost)}. Go on without?`;
  if (lost.length && !(await confirmed(question, "Use plain text"))) return false;
  if (field.richEditor) (await load()).closeEditor(field);
  if (field.value === written) field.value = body;
  note(field, "");
  showSource(field, false);
  if (isHtml) await openFormatted(field);
  else tools(field).source.hidden = tools(field).format.hidden = true;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

async function convert(url, body, to) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams({ body, to }) });
  if (!answer.ok) throw new Error(`Converting answered ${answer.status}`);
  return answer.json();
}

// What the editor does not know is taken out beforehand, so that it does not ask again.
function plainer(html) {
  const read = new DOMParser().parseFromString(html, "text/html");
  for (const row of read.querySelectorAll("td, th")) row.append(" ");
  for (const one of read.querySelectorAll("tr, caption")) one.replaceWith(paragraph(read, one));
  for (const name of ["style", "align", "bgcolor"]) {
    for (const one of read.querySelectorAll(`[${name}]`)) one.removeAttribute(name);
  }
  const known = "p, br, strong, b, em, i, a, h1, h2, h3, ul, ol, li, blockquote";
  for (const one of [...read.body.querySelectorAll(`*:not(${known})`)].reverse()) one.replaceWith(...one.childNodes);
  return read.body.innerHTML;
}

function paragraph(read, row) {
  const made = read.createElement("p");
  made.append(...row.childNodes);
  return made;
}

function showSource(field, isSource) {
  const { source, format } = tools(field);
  source.setAttribute("aria-pressed", String(isSource));
  format.hidden = !field.richEditor;
  field.classList.toggle("is-code", isSource);
}

function tools(field) {
  return {
    source: document.querySelector(`[data-rich-source="${field.id}"]`),
    format: document.querySelector(`[data-rich-tools="${field.id}"]`),
  };
}

function note(field, sentence) {
  const place = document.getElementById(`${field.id}-note`);
  place.textContent = sentence;
  place.hidden = !sentence;
}

function words(list) {
  return list.length > 1 ? `${list.slice(0, -1).join(", ")} and ${list.at(-1)}` : list[0];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rich-source]");
  if (button) toggleSource(document.getElementById(button.dataset.richSource));
});
