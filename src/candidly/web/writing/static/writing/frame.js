// An HTML preview is posted into its sandboxed frame as soon as it stands in the page.
// The frame is new each time, so that this leaves nothing in the browser's history.
function post(root) {
  for (const form of root.querySelectorAll("form[data-autosubmit]")) {
    form.removeAttribute("data-autosubmit");
    form.submit();
  }
}

post(document);
document.addEventListener("htmx:load", (event) => post(event.detail.elt.parentElement ?? document));
