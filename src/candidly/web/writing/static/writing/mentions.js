// In a note, @ opens the menu of colleagues: arrows choose, Enter or Tab takes one, Esc closes. A click takes one too.
const BEGUN = /(?:^|[^\w.@/])@([^@\n]*)$/;

function menuOf(text) {
  return text.form?.querySelector("[data-mentions] > .menu");
}

function begun(text) {
  if (!text.form?.elements.note?.checked) return undefined;
  return BEGUN.exec(text.value.slice(0, text.selectionStart))?.[1];
}

function close(text) {
  const menu = menuOf(text);
  if (menu) menu.hidden = true;
  text.removeAttribute("aria-activedescendant");
}

/** Shows the names in which a word begins with what follows the @. */
function show(text) {
  const part = begun(text);
  const menu = menuOf(text);
  if (!menu) return;
  if (part === undefined) {
    close(text);
    return;
  }
  htmx.trigger(menu.parentElement, "mentions-wanted");
  const wanted = part.toLowerCase();
  for (const item of menu.querySelectorAll("[data-name]")) {
    const name = item.dataset.name.toLowerCase();
    item.hidden = !(name.startsWith(wanted) || ` ${name}`.includes(` ${wanted}`));
  }
  const found = names(menu);
  menu.hidden = found.length === 0 || found.some((item) => item.dataset.name.toLowerCase() === wanted.trim());
  if (menu.hidden) close(text);
  else mark(text, found[0]);
}

function names(menu) {
  return [...menu.querySelectorAll("[data-name]")].filter((item) => !item.hidden);
}

function mark(text, item) {
  for (const other of menuOf(text).querySelectorAll("[data-name]")) {
    delete other.dataset.active;
    other.setAttribute("aria-selected", String(other === item));
  }
  item.dataset.active = "";
  item.scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", item.id);
}

function take(text, item) {
  const part = begun(text);
  text.focus();
  if (part === undefined) return;
  text.setRangeText(`${item.dataset.name} `, text.selectionStart - part.length, text.selectionStart, "end");
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  close(text);
}

document.addEventListener("input", (event) => {
  if (event.target.matches?.("form[data-composer] [name=text]")) show(event.target);
});

// The names arrive after the first @.
document.addEventListener("htmx:afterSwap", (event) => {
  const text = event.target.closest?.("[data-mentions]")?.closest("form").elements.text;
  if (text && document.activeElement === text) show(text);
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-mentions] [data-name]");
  if (item) take(item.closest("form").elements.text, item);
});

document.addEventListener("focusout", (event) => {
  if (!event.target.matches?.("form[data-composer] [name=text]")) return;
  if (!event.relatedTarget?.closest?.("[data-mentions]")) close(event.target);
});

document.addEventListener("change", (event) => {
  const form = event.target.matches?.("[data-note-toggle]") && event.target.form;
  if (!form) return;
  form.elements.text.focus();
  form.elements.text.dispatchEvent(new InputEvent("input", { bubbles: true })); // the draft knows what it is
});

document.addEventListener(
  "keydown",
  (event) => {
    const text = event.target;
    const menu = text.matches?.("form[data-composer] [name=text]") && menuOf(text);
    if (!menu || menu.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const found = names(menu);
    const at = found.findIndex((item) => "active" in item.dataset);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      mark(text, found.at((at + (event.key === "ArrowDown" ? 1 : -1)) % found.length));
    } else if (event.key === "Enter" || event.key === "Tab") take(text, found[at]);
    else if (event.key === "Escape") close(text);
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
