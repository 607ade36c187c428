// The rows of the list, and the one that has the focus.
export const list = document.getElementById("conversation-list");

export function rows() {
  return [...list.querySelectorAll(".conversation-row")];
}

export function idOf(row) {
  return row.querySelector(".checkbox").value;
}

export function rowOf(id) {
  return document.getElementById(`row-${id}`)?.closest(".conversation-row");
}

export function focusedRow() {
  const row = document.activeElement.closest(".conversation-row");
  return row && list.contains(row) ? row : null;
}

/** The row of the conversation that is open beside the list. */
export function openRow() {
  return list.querySelector(".conversation-row:has([aria-current])");
}

export function focus(row, options) {
  row?.querySelector(".conversation-link").focus(options);
}
