// Dialogs: [data-opens="id"] opens the <dialog>, [data-closes] closes the one it stands in.
// [data-set="selector:key:value"] puts a data attribute on an element or takes it off again: panes and drawers.
// hx-confirm asks in the page's own dialog.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  event.target.closest("[data-closes]")?.closest("dialog")?.close();
  if (event.target.matches("dialog.dialog")) closeFromBackdrop(event);
  const setter = event.target.closest("[data-set]");
  if (setter) toggle(...setter.dataset.set.split(":"));
});

// The answer to a form in a dialog says with HX-Trigger that the dialog has done its work.
document.addEventListener("dialog-done", (event) => event.target.closest("dialog")?.close());

function closeFromBackdrop(event) {
  const box = event.target.getBoundingClientRect();
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside && event.detail > 0) event.target.close();
}

function toggle(selector, key, value) {
  for (const element of document.querySelectorAll(selector)) {
    element.dataset[key] = element.dataset[key] === value ? "" : value;
  }
}

document.addEventListener("htmx:confirm", (event) => {
  const { question, issueRequest, elt, verb, path } = event.detail;
  if (!question) return;
  event.preventDefault();
  ask(question, elt, () => {
    if (elt.isConnected) issueRequest(true);
    else askedOf(elt, verb, path);
  });
});

// What was pressed may have been put afresh into the page while the question stood there: it is done all the same.
function askedOf(elt, verb, path) {
  const target = elt.getAttribute("hx-target");
  const place = target?.startsWith("#") ? { target, swap: elt.getAttribute("hx-swap") } : { swap: "none" };
  htmx.ajax(verb.toUpperCase(), path, place);
}

// A plain form asks the same way: <form data-confirm="…">.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  ask(form.dataset.confirm, event.submitter ?? form, () => {
    form.dataset.confirmed = "yes";
    form.hidden = !form.isConnected; // drawn anew while the question stood there: it is sent all the same
    if (!form.isConnected) document.body.append(form);
    form.requestSubmit(event.submitter);
  });
});

// The button that goes on has the words (data-confirm-label, where it shows none) and weight of the one pressed.
function ask(question, pressed, proceed) {
  const dialog = document.getElementById("confirm");
  const yes = document.getElementById("confirm-yes");
  document.getElementById("confirm-question").textContent = question;
  const { confirmLabel, variant } = pressed.dataset;
  yes.textContent = confirmLabel || (pressed.matches("button, a") && pressed.textContent.trim()) || "Continue";
  yes.dataset.variant = variant === "danger" ? "danger-solid" : "primary";
  yes.onclick = () => {
    dialog.close();
    proceed();
  };
  dialog.showModal();
}
