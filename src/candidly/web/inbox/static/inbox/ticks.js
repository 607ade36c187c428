// Which rows are ticked, and the bar that acts on them. The rows' own checkboxes are the selection.
import { idOf, list, rowOf, rows } from "./rows.js";

const bar = document.getElementById("inbox-bulk");
const all = document.getElementById("select-shown");
const given = new Map(); // what each button was pressed for, until its request goes
let lastTicked = ""; // where Shift begins

export function ticked() {
  return rows().filter((row) => boxOf(row).checked).map(idOf);
}

export function tickAgain(ids) {
  for (const id of ids) if (rowOf(id)) boxOf(rowOf(id)).checked = true;
  showBar();
}

export function clearTicks() {
  for (const row of rows()) boxOf(row).checked = false;
  showBar();
}

/** Ticks the row or takes its tick away; with `extend`, all from the one ticked last to this. */
export function toggle(row, extend = false) {
  boxOf(row).checked = extend || !boxOf(row).checked;
  follow(row, extend);
}

/** Presses the button called `name` for these conversations. */
export function act(name, ids) {
  press(bar.querySelector(`[data-act="${name}"]`), ids);
}

function press(button, ids) {
  given.set(button, [...(given.get(button) ?? []), ids]);
  button.click();
}

function boxOf(row) {
  return row.querySelector(".checkbox");
}

function follow(row, extend) {
  const here = rows();
  const from = here.findIndex((one) => idOf(one) === lastTicked);
  const to = here.indexOf(row);
  if (extend && from >= 0) {
    for (const one of here.slice(Math.min(from, to), Math.max(from, to) + 1)) boxOf(one).checked = boxOf(row).checked;
  }
  lastTicked = idOf(row);
  showBar();
}

function showBar() {
  const number = ticked().length;
  const most = Math.min(rows().length, Number(bar.dataset.most));
  bar.toggleAttribute("data-active", number > 0);
  bar.querySelector("[data-number]").textContent = number;
  all.checked = number > 0 && number >= most;
  all.indeterminate = number > 0 && number < most;
  for (const button of bar.querySelectorAll("button")) button.disabled = number > Number(bar.dataset.most);
}

list.addEventListener("click", (event) => {
  const row = event.target.matches(".checkbox") && event.target.closest(".conversation-row");
  if (row) follow(row, event.shiftKey);
});

all.addEventListener("change", () => {
  for (const [at, row] of rows().entries()) boxOf(row).checked = all.checked && at < Number(bar.dataset.most);
  showBar();
});

bar.addEventListener("htmx:configRequest", (event) => {
  const ids = given.get(event.target)?.shift() ?? ticked();
  event.detail.parameters.set("ids", ids.join(","));
});
