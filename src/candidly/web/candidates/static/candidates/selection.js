// Which candidates are ticked. The rows' own checkboxes are the selection; what was ticked on other pages waits in
// hidden fields of #selection, and "all in the filter" is one field and the filter itself. The session remembers it
// per filter, so that it survives paging and is gone with the filter.
const STORE = "candidates-selection";
let selected = { key: null, ids: new Set(), all: false };
let lastTicked = null;

const form = () => document.getElementById("selection");
const boxes = () => [...document.querySelectorAll("#list tbody .checkbox")];

function load() {
  const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
  const key = form()?.dataset.key ?? null;
  selected = { key, ids: new Set(kept?.key === key ? kept.ids : []), all: kept?.key === key && kept.all };
  lastTicked = null;
  for (const box of boxes()) box.checked = selected.all || selected.ids.has(box.value);
  show();
}

function save() {
  sessionStorage.setItem(STORE, JSON.stringify({ ...selected, ids: [...selected.ids] }));
  show();
}

function show() {
  if (!form()) return;
  const here = boxes();
  const ticked = here.filter((box) => box.checked).length;
  const isWholePage = ticked === here.length;
  showForm(here);
  showBar();
  showStrip(isWholePage && Number(document.querySelector("[data-total]").dataset.total) > here.length);
  const head = document.getElementById("select-page");
  head.checked = isWholePage;
  head.indeterminate = ticked > 0 && !isWholePage;
}

function showForm(here) {
  document.getElementById("selection-all").disabled = !selected.all;
  const onPage = new Set(here.map((box) => box.value));
  const elsewhere = selected.all ? [] : [...selected.ids].filter((id) => !onPage.has(id));
  document.getElementById("selection-elsewhere").replaceChildren(
    ...elsewhere.map((value) => Object.assign(document.createElement("input"), { type: "hidden", name: "id", value })),
  );
}

function showBar() {
  const bar = document.getElementById("bulk");
  const count = bar.querySelector(".bulk-count");
  bar.toggleAttribute("data-active", selected.all || selected.ids.size > 0);
  count.textContent = selected.all ? count.dataset.all : `${selected.ids.size.toLocaleString("en-GB")} selected`;
}

function showStrip(isOffered) {
  const strip = document.getElementById("select-all-strip");
  strip.hidden = !selected.all && !isOffered;
  for (const part of strip.querySelectorAll("[data-for]")) part.hidden = (part.dataset.for === "all") !== selected.all;
}

function tick(box, checked) {
  box.checked = checked;
  if (checked) selected.ids.add(box.value);
  else selected.ids.delete(box.value);
}

// Leaving "all": what is ticked on this page stays.
function leaveAll() {
  if (!selected.all) return;
  selected.all = false;
  selected.ids = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
}

function tickRow(box, withShift) {
  const here = boxes();
  const from = here.indexOf(lastTicked);
  const to = here.indexOf(box);
  const range = withShift && from >= 0 ? here.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
  for (const one of range) tick(one, box.checked);
  lastTicked = box;
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-select]")?.dataset.select;
  if (choice) {
    selected.all = choice === "all";
    if (choice === "none") selected.ids.clear();
    for (const box of boxes()) choice === "page" ? tick(box, true) : (box.checked = selected.all);
    save();
  } else if (event.target.matches("#list tbody .checkbox")) {
    leaveAll();
    tickRow(event.target, event.shiftKey);
    save();
  } else if (event.target.id === "select-page") {
    leaveAll();
    for (const box of boxes()) tick(box, event.target.checked);
    save();
  }
});

// A mailing was made from the selection, or it went into a campaign: it has done its work.
for (const done of ["mailing-sent", "selection-done"]) document.addEventListener(done, clear);

function clear() {
  selected.all = false;
  selected.ids.clear();
  for (const box of boxes()) box.checked = false;
  const hadFocus = document.getElementById("bulk")?.contains(document.activeElement);
  save();
  if (hadFocus) document.getElementById("select-page").focus(); // what was pressed is hidden now
}

document.addEventListener("htmx:afterSwap", (event) => event.detail.target.id === "list" && load());
load();
