// The list of templates by keyboard, and the choice of whom to look at a template as.
const rows = () => [...document.querySelectorAll("#template-rows .template-row")];

document.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  const isInSearch = event.target.matches("#template-search [type=search]");
  const at = rows().indexOf(event.target.closest?.(".template-row"));
  if (at < 0 && !(isInSearch && event.key === "ArrowDown")) return;
  event.preventDefault();
  const next = at + (event.key === "ArrowDown" ? 1 : -1);
  if (next < 0) document.querySelector("#template-search [type=search]").focus();
  else rows()[Math.min(next, rows().length - 1)]?.focus();
});

document.addEventListener("click", (event) => {
  const chooser = event.target.closest("#choose-person[aria-expanded='true']");
  chooser?.parentElement.querySelector("input").focus();
});

document.addEventListener("keydown", (event) => {
  const chooser = document.getElementById("choose-person");
  if (event.key !== "Escape" || chooser?.getAttribute("aria-expanded") !== "true") return;
  chooser.setAttribute("aria-expanded", "false");
  chooser.focus();
});
