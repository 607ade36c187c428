// data-rows="selector": a list that is drawn anew comes as long as it was, with what was loaded of it since.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  const { rows } = target.dataset;
  if (rows) detail.parameters.set("rows", target.querySelectorAll(rows).length);
});
