// A reminder that falls due says so in whatever page is open.
document.addEventListener("live:due", (event) => {
  const { reminder } = event.detail; // none after a gap, when all is only fetched again
  if (reminder) htmx.ajax("GET", `/reminders/${reminder}/due/`, { swap: "none", event: new Event("reminder") });
});
