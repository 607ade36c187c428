// Menus: .dropdown > button[aria-expanded] + .menu. Arrows, Home, End and the first letter move; Esc gives focus back.
const OPEN = ".dropdown > [aria-expanded='true']";

function items(button) {
  return [...button.parentElement.querySelectorAll("[role^='menuitem']:not(:disabled)")];
}

function open(button, at) {
  button.setAttribute("aria-expanded", "true");
  if (at !== undefined) items(button).at(at)?.focus();
}

function closeAll(except) {
  for (const button of document.querySelectorAll(OPEN)) {
    if (button !== except) button.setAttribute("aria-expanded", "false");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".dropdown > [aria-expanded]");
  if (event.target.closest("[role^='menuitem']")) giveBackFocus(event.target);
  closeAll(button);
  if (!button) return;
  if (button.getAttribute("aria-expanded") === "true") button.setAttribute("aria-expanded", "false");
  else open(button, event.detail === 0 ? 0 : undefined); // detail 0: opened from the keyboard
});

// What was chosen goes with its menu: whoever chose goes on from the button, unless the focus has gone elsewhere by then.
function giveBackFocus(item) {
  const dropdown = item.closest(".dropdown");
  if (dropdown?.contains(document.activeElement)) dropdown.querySelector(":scope > [aria-expanded]")?.focus();
}

// What stands around an open menu may be drawn anew meanwhile: the menu stays open, and the focus where it was in it.
let kept = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const button = event.detail.target.querySelector?.(OPEN);
  kept = button?.id ? { id: button.id, at: items(button).indexOf(document.activeElement) } : null;
});
document.addEventListener("htmx:afterSwap", () => {
  const button = kept && document.getElementById(kept.id);
  if (button) open(button, kept.at < 0 ? undefined : kept.at);
  kept = null;
});

document.addEventListener("focusin", (event) => {
  closeAll(event.target.closest(".dropdown")?.querySelector(":scope > [aria-expanded]"));
});

function step(all, key) {
  const at = all.indexOf(document.activeElement);
  if (key === "ArrowDown") return all[(at + 1) % all.length];
  if (key === "ArrowUp") return all.at(at <= 0 ? -1 : at - 1);
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key.length > 1) return undefined;
  const after = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  return after.find((item) => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
}

document.addEventListener("keydown", (event) => {
  const button = event.target.closest(".dropdown")?.querySelector(":scope > [aria-haspopup='menu']");
  if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
  const isOpen = button.getAttribute("aria-expanded") === "true";
  if (event.key === "Escape" && isOpen) {
    button.setAttribute("aria-expanded", "false");
    button.focus();
    event.stopPropagation();
  } else if (!isOpen && event.target === button && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    open(button, event.key === "ArrowDown" ? 0 : -1);
  } else if (isOpen && !event.target.matches("input, textarea, select") && ![" ", "Enter"].includes(event.key)) {
    const next = step(items(button), event.key);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
});
