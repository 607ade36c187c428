// A question in the page's own dialog, with two ways to go on.
export function confirmed(question, yes) {
  const dialog = document.getElementById("confirm");
  const button = document.getElementById("confirm-yes");
  document.getElementById("confirm-question").textContent = question;
  button.textContent = yes;
  button.dataset.variant = "primary";
  return new Promise((resolve) => {
    button.onclick = () => {
      resolve(true);
      dialog.close();
    };
    dialog.addEventListener("close", () => resolve(false), { once: true });
    dialog.showModal();
  });
}
