// After a mail is opened in place: the list shows which one it is, and a narrow screen shows the mail.
function follow() {
  const panes = document.querySelector(".mail-panes");
  const open = document.getElementById("mail").dataset.open;
  panes.dataset.pane = open ? "thread" : "list";
  for (const link of panes.querySelectorAll(".conversation-link")) {
    if (link.dataset.mail === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const view = document.getElementById("mail-view")?.dataset.view;
  for (const tab of panes.querySelectorAll(".tab")) {
    if (new URL(tab.href).searchParams.get("view") === view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

document.addEventListener("htmx:afterSettle", follow);

// Opening the form puts the cursor above the quoted mail.
document.addEventListener("toggle", (event) => {
  if (!event.target.matches(".answer[open]")) return;
  const text = event.target.querySelector("textarea");
  text.focus();
  text.setSelectionRange(0, 0);
  text.scrollTop = 0;
}, true);
