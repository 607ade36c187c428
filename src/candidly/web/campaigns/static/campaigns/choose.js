// "Add to campaign": the dialog opens when its content has come; naming a new campaign chooses it.
const dialog = () => document.getElementById("choose-campaign");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === dialog() && !dialog().open && dialog().childElementCount) dialog().showModal();
});

document.addEventListener("input", (event) => {
  if (event.target.id === "choose-name") event.target.form.querySelector("[name=campaign][value=new]").checked = true;
});

document.addEventListener("close", (event) => event.target === dialog() && dialog().replaceChildren(), true);
