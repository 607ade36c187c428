// The lines beneath the text: when to send, the reminder, how long the text message is.
import { summary } from "./segments.js";

function show(line, isShown) {
  line.hidden = line.disabled = !isShown;
}

/** Sets the lines, the buttons and the words on Send by what is chosen. */
export function refresh(form) {
  const when = form.querySelector("[data-when]");
  const reminder = form.querySelector("[data-reminder]");
  const off = form.querySelector("[data-no-reminder]");
  const bell = form.querySelector("[data-reminder-open]");
  const isScheduled = !when.hidden;
  if (off) off.hidden = !isScheduled;
  if (off && isScheduled) show(reminder, false);
  bell.disabled = Boolean(off && isScheduled);
  bell.title = bell.disabled ? off.textContent.trim() : "";
  bell.setAttribute("aria-pressed", String(!reminder.hidden));
  const label = form.querySelector("[data-send-label]");
  const isNote = form.elements.note?.checked ?? false;
  if (label.textContent !== "Save") label.textContent = isNote ? "Add note" : isScheduled ? "Schedule" : "Send";
  const text = form.elements.text;
  text.dataset.placeholder ??= text.placeholder;
  text.placeholder = isNote ? "Note for your team. Name somebody with @." : text.dataset.placeholder;
  count(form);
}

function count(form) {
  const place = form.querySelector("[data-segments]");
  const chosen = [...form.querySelectorAll("[name=channels]:checked")].map((box) => box.value);
  if (!chosen.includes("sms")) return;
  place.textContent = chosen.length > 1 ? "" : summary(form.elements.text.value, Number(place.dataset.room));
}

document.addEventListener("click", (event) => {
  const form = event.target.closest("form[data-composer]");
  if (!form) return;
  const when = form.querySelector("[data-when]");
  const reminder = form.querySelector("[data-reminder]");
  if (event.target.closest("[data-when-open]")) {
    show(when, true);
    when.querySelector("input").focus();
  } else if (event.target.closest("[data-when-close]")) {
    for (const field of when.querySelectorAll("input")) field.value = "";
    when.querySelector("[role=status]").replaceChildren();
    show(when, false);
    form.elements.text.focus();
  } else if (event.target.closest("[data-reminder-open]")) {
    show(reminder, reminder.hidden);
    if (!reminder.hidden) reminder.querySelector("input").select();
  } else if (event.target.closest("[data-reminder-close]")) {
    show(reminder, false);
    form.elements.text.focus();
  } else return;
  refresh(form);
  form.dispatchEvent(new InputEvent("input", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-composer]");
  if (form) refresh(form);
});
