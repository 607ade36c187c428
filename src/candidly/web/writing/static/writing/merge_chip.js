// Merge fields in the formatted editor: {{first_name}} is one thing, like a letter. In the HTML it is just its text.
import { Node, Plugin } from "../django_prose_editor/editor.js";

const FIELD = /\{\{\s*([a-z_]+|custom\.[\w][\w -]*?)\s*(?:\|[^{}]*)?\}\}/g;
const MARK = "data-merge-field";

// Fields in the text of `html` as elements that the editor reads as chips. What stands in a tag is left alone.
export function withChips(html) {
  const read = new DOMParser().parseFromString(html, "text/html");
  const walker = read.createTreeWalker(read.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (walker.currentNode.data.includes("{{")) texts.push(walker.currentNode);
  for (const text of texts) text.replaceWith(...pieces(read, text.data));
  return read.body.innerHTML;
}

// What the editor holds as HTML, in which the chips are their text again, and what stands alone in a list item is no
// paragraph of its own.
export function withoutChips(html) {
  const read = new DOMParser().parseFromString(html, "text/html");
  for (const chip of read.querySelectorAll(`[${MARK}]`)) chip.replaceWith(chip.textContent);
  for (const only of read.querySelectorAll("li > p:only-child")) only.replaceWith(...only.childNodes);
  return read.body.innerHTML;
}

function pieces(read, text) {
  const made = [];
  let from = 0;
  for (const match of text.matchAll(FIELD)) {
    const chip = read.createElement("span");
    chip.setAttribute(MARK, match[0]);
    made.push(text.slice(from, match.index), chip);
    from = match.index + match[0].length;
  }
  return [...made, text.slice(from)];
}

// Whatever way a whole field came into the text (typed, pasted, dropped), it becomes a chip.
function chipsForTexts(transactions, before, state) {
  if (!transactions.some((one) => one.docChanged)) return null;
  const change = state.tr;
  state.doc.descendants((node, position) => {
    if (!node.isText || !node.text.includes("{{")) return;
    for (const match of [...node.text.matchAll(FIELD)]) {
      const from = change.mapping.map(position + match.index);
      const chip = state.schema.nodes.mergeField.create({ raw: match[0] }, null, node.marks);
      change.replaceWith(from, change.mapping.map(position + match.index + match[0].length), chip);
    }
  });
  return change.docChanged ? change : null;
}

function chipView({ node, editor, getPos }) {
  const dom = document.createElement("span");
  dom.className = "merge-field";
  dom.textContent = node.attrs.raw;
  dom.addEventListener("dblclick", () => editor.options.onChip(getPos(), node.attrs.raw));
  return { dom };
}

export const MergeField = Node.create({
  name: "mergeField",
  group: "inline",
  inline: true,
  atom: true,
  selectable: true,

  addAttributes: () => ({ raw: { default: "", parseHTML: (element) => element.getAttribute(MARK) } }),
  parseHTML: () => [{ tag: `span[${MARK}]` }],
  renderHTML: ({ node }) => ["span", { [MARK]: node.attrs.raw }, node.attrs.raw],
  renderText: ({ node }) => node.attrs.raw,
  addNodeView: () => chipView,
  addKeyboardShortcuts() {
    return {
      Enter: ({ editor }) => {
        const { node, from } = editor.state.selection;
        if (node?.type.name !== this.name) return false;
        editor.options.onChip(from, node.attrs.raw);
        return true;
      },
    };
  },
  addProseMirrorPlugins: () => [
    new Plugin({ appendTransaction: chipsForTexts, props: { transformPastedHTML: withChips } }),
  ],
});
