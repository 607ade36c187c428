// The formatted editor for a textarea[data-rich]: only what mails can show. The textarea keeps the HTML and is what the
// form sends; while the editor stands before it, it is hidden.
import {
  Blockquote,
  Bold,
  BulletList,
  Document,
  Dropcursor,
  Editor,
  Gapcursor,
  HardBreak,
  Heading,
  History,
  Italic,
  Link,
  ListItem,
  OrderedList,
  Paragraph,
  Text,
} from "../django_prose_editor/editor.js";
import { askDefault, askLink } from "./rich_dialogs.js";
import { MergeField, withChips, withoutChips } from "./merge_chip.js";

const BLOCK_END = /(<\/(?:p|h[1-6]|ul|ol|li|blockquote)>)(?=<(?!\/li|\/blockquote))/g;
const COMMANDS = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  heading: (chain) => chain.toggleHeading({ level: 2 }),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
};

const MailLink = Link.extend({
  addKeyboardShortcuts: () => ({ "Mod-k": ({ editor }) => editLink(editor) }),
}).configure({ openOnClick: false, HTMLAttributes: { target: null, rel: null, class: null } });

const EXTENSIONS = [
  Document,
  Paragraph,
  Text,
  HardBreak,
  Bold,
  Italic,
  MailLink,
  Heading.configure({ levels: [1, 2, 3] }),
  BulletList,
  OrderedList,
  ListItem,
  Blockquote,
  History,
  Dropcursor,
  Gapcursor,
  MergeField,
];

export function openEditor(textarea) {
  const place = document.createElement("div");
  place.className = "rich-place";
  textarea.before(place);
  const editor = new Editor({
    element: place,
    content: withChips(textarea.value),
    extensions: EXTENSIONS,
    injectNonce: document.querySelector("script[nonce]").nonce, // its own few rules of style, under our policy
    editorProps: { attributes: attributesOf(textarea) },
    onUpdate: () => write(editor, textarea),
    onTransaction: () => show(editor, textarea),
    onChip: (position, raw) => editDefault(editor, position, raw),
  });
  editor.view.dom.mergeTarget = { before: () => before(editor), insert: (name, begun) => insert(editor, name, begun) };
  textarea.hidden = true;
  textarea.richEditor = editor;
  show(editor, textarea);
  return editor;
}

export function closeEditor(textarea) {
  const place = textarea.richEditor.options.element;
  textarea.richEditor.destroy();
  place.remove();
  delete textarea.richEditor;
  textarea.hidden = false;
}

// Names of what `html` has and this editor would drop; see LOSSES.
export function lossesIn(html) {
  const read = new DOMParser().parseFromString(html, "text/html");
  return Object.entries(LOSSES).filter(([, selector]) => read.body.querySelector(selector)).map(([words]) => words);
}

const LOSSES = {
  tables: "table",
  pictures: "img",
  "colours and styles": "[style], font, [align], [bgcolor]",
  "other markup":
    "body *:not(p, br, strong, b, em, i, a, h1, h2, h3, ul, ol, li, blockquote, table, table *, img, font, span)",
};

function attributesOf(textarea) {
  return {
    role: "textbox",
    "aria-multiline": "true",
    "aria-labelledby": `${textarea.id}-label`,
    "aria-describedby": textarea.getAttribute("aria-describedby") ?? "",
    class: "rich-text",
    dir: "auto",
    "data-merge": "",
  };
}

function write(editor, textarea) {
  textarea.value = editor.isEmpty ? "" : withoutChips(editor.getHTML()).replace(BLOCK_END, "$1\n");
  textarea.dispatchEvent(new Event("input", { bubbles: true }));
}

function show(editor, textarea) {
  const tools = document.querySelector(`[data-rich-tools="${textarea.id}"]`);
  for (const button of tools.querySelectorAll("[data-rich]")) {
    button.setAttribute("aria-pressed", String(editor.isActive(button.dataset.rich)));
  }
  editor.view.dom.dispatchEvent(new Event("merge-input", { bubbles: true }));
}

function before(editor) {
  const { $from } = editor.state.selection;
  return $from.parent.isTextblock ? $from.parent.textBetween(0, $from.parentOffset, "\n", "\ufffc") : "";
}

// The field, in place of so many letters before the caret.
function insert(editor, name, begun) {
  const { from, to } = editor.state.selection;
  const range = { from: from - begun, to };
  editor.chain().focus().insertContentAt(range, { type: "mergeField", attrs: { raw: `{{${name}}}` } }).run();
}

async function editLink(editor) {
  const address = await askLink(editor.getAttributes("link").href ?? "");
  if (address === null) return;
  const chain = editor.chain().focus().extendMarkRange("link");
  if (!address) chain.unsetLink().run();
  else if (editor.state.selection.empty && !editor.isActive("link")) {
    chain.insertContent({ type: "text", text: address, marks: [{ type: "link", attrs: { href: address } }] }).run();
  } else chain.setLink({ href: address }).run();
}

async function editDefault(editor, position, raw) {
  const changed = await askDefault(raw);
  if (changed === null) return;
  editor.chain().focus().command(({ tr }) => Boolean(tr.setNodeAttribute(position, "raw", changed))).run();
}

document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-rich]")) event.preventDefault(); // the caret stays where it is
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-rich]");
  const editor = button && document.getElementById(button.closest("[data-rich-tools]").dataset.richTools).richEditor;
  if (!editor) return;
  if (button.dataset.rich === "link") editLink(editor);
  else COMMANDS[button.dataset.rich](editor.chain().focus()).run();
});
