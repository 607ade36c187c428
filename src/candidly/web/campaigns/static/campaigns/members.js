// Whoever takes somebody out of a campaign goes on from the next one: what had the focus has gone with the row.
let at = -1;
const rows = () => [...document.querySelectorAll("#list tbody tr")];

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "list") at = rows().findIndex((row) => row.contains(document.activeElement));
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "list" || at < 0 || document.activeElement !== document.body) return;
  const next = rows().at(Math.min(at, rows().length - 1));
  (next?.querySelector("[aria-haspopup]") ?? document.getElementById("q")).focus();
});

// News draw the list anew as it is shown by now: a filter, or another page of it, is the address of the page.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.matches("[data-as-shown]")) event.detail.path = location.pathname + location.search;
});
