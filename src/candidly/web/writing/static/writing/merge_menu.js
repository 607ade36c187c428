// The merge field menu: a click inserts at the caret; typing { opens it too, and what follows {{ narrows it.
// After a single { anything else closes it: that was meant as it stands.
// Beneath [data-merge] fields stands one .merge-menu whose data-for names the field that is meant to begin with.
// A formatted editor is such a field too: it has a `mergeTarget` that says what stands before the caret, and inserts.
const PART = /\{(?:\{\s*([\w.]*))?$/;

function menuOf(field) {
  return field.closest("form")?.querySelector(".merge-menu .menu");
}

function button(menu) {
  return menu.parentElement.querySelector(":scope > button");
}

function isOpen(menu) {
  return button(menu).getAttribute("aria-expanded") === "true";
}

function items(menu) {
  return [...menu.querySelectorAll("[data-field]:enabled")].filter((item) => !item.hidden);
}

function show(menu, part) {
  for (const item of menu.querySelectorAll("[data-field]")) {
    item.hidden = !item.textContent.toLowerCase().includes(part.toLowerCase());
    delete item.dataset.active;
  }
  const found = items(menu);
  button(menu).setAttribute("aria-expanded", String(found.length > 0));
  if (found.length) found[0].dataset.active = "";
}

function close(menu) {
  button(menu).setAttribute("aria-expanded", "false");
  for (const item of menu.querySelectorAll("[data-field]")) {
    item.hidden = false;
    delete item.dataset.active;
  }
}

function before(field) {
  return field.mergeTarget ? field.mergeTarget.before() : field.value.slice(0, field.selectionStart);
}

// A field is put in as {{name}}; where the text goes to one person (data-value), as what it is for them.
function insert(field, item) {
  const begun = PART.exec(before(field));
  if (field.mergeTarget) {
    field.mergeTarget.insert(item.dataset.field, begun?.[0].length ?? 0);
    return;
  }
  field.focus();
  if (begun) field.setSelectionRange(begun.index, field.selectionEnd);
  field.setRangeText(item.dataset.value ?? `{{${item.dataset.field}}}`, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

// Nobody has put the caret anywhere yet: what is chosen goes behind the text.
function atItsEnd(field) {
  if (field.richEditor) return field.richEditor.view.dom;
  field.setSelectionRange(field.value.length, field.value.length);
  return field;
}

let last = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-merge]")) last = event.target;
});

document.addEventListener("click", (event) => {
  const item = event.target.closest(".merge-menu [data-field]");
  if (!item) return;
  const menu = item.closest(".menu");
  const isHere = last?.isConnected && !last.hidden && last.closest("form") === menu.closest("form");
  insert(isHere ? last : atItsEnd(document.getElementById(menu.dataset.for)), item);
  close(menu);
});

function follow(field) {
  const menu = menuOf(field);
  const begun = PART.exec(before(field));
  if (menu && begun) show(menu, begun[1] ?? "");
  else if (menu && isOpen(menu)) close(menu);
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("input[data-merge], textarea[data-merge]") && !event.target.hidden) follow(event.target);
});

document.addEventListener("merge-input", (event) => {
  if (event.target.contains(document.activeElement)) follow(event.target);
});

document.addEventListener(
  "keydown",
  (event) => {
    if (!event.target.matches?.("[data-merge]") || event.isComposing) return;
    const menu = menuOf(event.target);
    if (!menu || !isOpen(menu)) return;
    const found = items(menu);
    const at = found.findIndex((item) => "active" in item.dataset);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = found.at((at + (event.key === "ArrowDown" ? 1 : -1)) % found.length);
      delete found[at]?.dataset.active;
      next.dataset.active = "";
      next.scrollIntoView({ block: "nearest" });
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && at >= 0) {
      insert(event.target, found[at]);
      close(menu);
    } else if (event.key === "Escape") {
      close(menu);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
