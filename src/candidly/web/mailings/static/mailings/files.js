// Files of a mailing: each is uploaded as it is chosen; its id travels with the form.
function tokenOf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

function inWords(size) {
  if (size >= 1e6) return `${(size / 1e6).toFixed(1)} MB`;
  return size >= 1000 ? `${Math.round(size / 1000)} KB` : `${size} bytes`;
}

function chip(list, file) {
  const made = document.getElementById("compose-file").content.cloneNode(true).firstElementChild;
  made.querySelector("span").textContent = file.name;
  made.querySelector("small").textContent = "Attaching…";
  made.querySelector("[data-detach]").ariaLabel = `Remove ${file.name}`;
  list.append(made);
  return made;
}

async function upload(list, file) {
  const made = chip(list, file);
  made.dataset.busy = "";
  const body = new FormData();
  body.append("file", file);
  const answer = await post(list.dataset.url, body);
  delete made.dataset.busy;
  made.querySelector("small").textContent = answer.id ? inWords(answer.size) : answer.error;
  if (!answer.id) {
    made.dataset.failed = "";
    return;
  }
  const named = document.createElement("input");
  Object.assign(named, { type: "hidden", name: "attachments", value: answer.id });
  made.append(named);
}

async function post(url, body) {
  try {
    const response = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": tokenOf() } });
    return await response.json();
  } catch {
    return { error: "Not attached. Remove it and attach it again." };
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("#compose [data-attach]")) return;
  const list = event.target.form.querySelector("[data-files]");
  for (const file of event.target.files) upload(list, file);
  event.target.value = "";
});

document.addEventListener("click", (event) => {
  event.target.closest("#compose [data-detach]")?.closest("li").remove();
});

// A message must not leave without a file that was meant to go with it.
document.addEventListener(
  "submit",
  (event) => {
    if (event.target.id !== "compose") return;
    const waiting = event.target.querySelector("[data-files] :is([data-busy], [data-failed])");
    if (!waiting) return;
    event.preventDefault();
    event.stopPropagation();
    waiting.querySelector("[data-detach]").focus();
    if ("busy" in waiting.dataset) waiting.querySelector("small").textContent = "Still attaching. Send again when it is there.";
  },
  true,
);
