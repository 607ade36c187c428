// Ticked deliveries. While somebody is choosing or answering a question, the list does not change under their hands.
const boxes = () => [...document.querySelectorAll("#problems-table .checkbox")];

function show() {
  const bar = document.getElementById("problems-bulk");
  if (!bar) return;
  const ticked = boxes().filter((box) => box.checked).length;
  const head = document.getElementById("select-problems");
  bar.toggleAttribute("data-active", ticked > 0);
  bar.querySelector(".bulk-count").textContent = ticked ? `${ticked} selected` : "";
  head.checked = ticked > 0 && ticked === boxes().length;
  head.indeterminate = ticked > 0 && !head.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.id === "select-problems") for (const box of boxes()) box.checked = event.target.checked;
  show();
});

function isBusy(part) {
  const isChoosing = part.id === "problems" && (boxes().some((box) => box.checked) || part.contains(document.activeElement?.closest("select")));
  return isChoosing || part.querySelector(".htmx-request") || document.querySelector("dialog[open]");
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (!elt.matches("#problems, #figures") || requestConfig.triggeringEvent?.type === "outbox") return;
  if (isBusy(elt)) event.preventDefault();
});

document.addEventListener("htmx:load", show);
