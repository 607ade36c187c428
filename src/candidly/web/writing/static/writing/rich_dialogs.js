// The two questions of the formatted editor. Each answers null when it was left.
const LINK = /^(https?:\/\/\S|mailto:\S|\{\{)/i;

// The address of a link; empty to remove it.
export async function askLink(address) {
  const dialog = document.getElementById("rich-link");
  const field = dialog.querySelector("input");
  const problem = document.getElementById("rich-link-problem");
  field.value = address;
  problem.hidden = true;
  const remove = dialog.querySelector("[data-remove]");
  remove.hidden = !address;
  remove.onclick = () => dialog.close("remove");
  const answer = await ask(dialog, () => {
    problem.hidden = LINK.test(whole(field.value));
    return problem.hidden;
  });
  if (!answer) return null;
  return answer === "remove" ? "" : whole(field.value);
}

// "example.org/jobs" is meant as a web address, and "jobs@example.org" as one for mail.
function whole(written) {
  const address = written.trim();
  if (!address || LINK.test(address) || /^[a-z][a-z0-9+-]*:/i.test(address)) return address;
  return /^[^\s/@]+@[^\s/@]+$/.test(address) ? `mailto:${address}` : `https://${address}`;
}

// The field `raw` with another text for when it is empty.
export async function askDefault(raw) {
  const [name, ...text] = raw.slice(2, -2).split("|");
  const dialog = document.getElementById("rich-default");
  const field = dialog.querySelector("input");
  dialog.querySelector("h2").textContent = `{{${name.trim()}}}`;
  field.value = text.join("|").trim();
  if (!(await ask(dialog, () => true))) return null;
  const written = field.value.replace(/[{}]/g, "").trim();
  return written ? `{{${name.trim()}|${written}}}` : `{{${name.trim()}}}`;
}

function ask(dialog, isFine) {
  return new Promise((resolve) => {
    dialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      if (isFine()) dialog.close("set");
    };
    dialog.onkeydown = (event) => {
      if (event.key === "Escape") event.stopPropagation(); // it closes the question alone
    };
    dialog.returnValue = "";
    dialog.onclose = () => resolve(dialog.returnValue);
    dialog.showModal();
  });
}
