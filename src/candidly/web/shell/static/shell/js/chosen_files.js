// Files that travel with the form itself: input[name=files], whose choice is shown as chips in [data-chosen], each made
// from template[data-chip], and can be added to and taken from before it is sent.
import { inWords } from "./sizes.js";

export class ChosenFiles {
  #form;
  #files = [];

  constructor(form) {
    this.#form = form;
    form.elements.files.addEventListener("change", (event) => this.#choose([...this.#files, ...event.target.files]));
  }

  clear() {
    this.#choose([]);
  }

  #choose(files) {
    this.#files = files;
    const carried = new DataTransfer();
    for (const file of files) carried.items.add(file);
    this.#form.elements.files.files = carried.files;
    this.#form.querySelector("[data-chosen]").replaceChildren(...files.map((file) => this.#chip(file)));
  }

  #chip(file) {
    const made = document.querySelector("template[data-chip]").content.cloneNode(true).firstElementChild;
    made.querySelector("span").textContent = file.name;
    made.querySelector("small").textContent = inWords(file.size);
    const button = made.querySelector("button");
    button.ariaLabel = `Remove ${file.name}`;
    button.addEventListener("click", () => {
      this.#choose(this.#files.filter((other) => other !== file));
      this.#form.elements.text.focus();
    });
    return made;
  }
}
