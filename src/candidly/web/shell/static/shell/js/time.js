// <time datetime="…" data-local> in the zone and language of whoever looks, where no member's zone is known.
const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function localise(root) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    element.textContent = FORMAT.format(new Date(element.dateTime));
  }
}

localise(document);
document.addEventListener("htmx:load", (event) => localise(event.detail.elt.parentElement ?? document));
