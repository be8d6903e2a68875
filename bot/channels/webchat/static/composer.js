// Where people write: a field that grows, files beside it, Enter to send.
import { make, unseen } from "./dom.js";
import { say } from "./words.js";

const TEXT_AT_MOST = 8000;
const { fileAtMost, filesAtMost, accept } = document.body.dataset;
const TYPES = accept.split(",");
const at = (id) => document.getElementById(id);

export class Composer {
  /** send({ text, files }) */
  constructor(send) {
    this.send = send;
    this.files = [];
    this.long = false;
    this.text = at("text");
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("paste", (event) => this.pasted(event));
    at("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    at("attach").addEventListener("click", () => at("picker").click());
    at("picker").addEventListener("change", () => {
      this.attach([...at("picker").files]);
      at("picker").value = "";
      this.text.focus();
    });
    document.addEventListener("language", () => this.tell(""));
    this.changed();
  }

  key(event) {
    // While a Vietnamese or other input method composes, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.text.value.trim();
    if (!text && !this.files.length) return;
    if (text.length > TEXT_AT_MOST) return this.tell(say("too_long"));
    const files = this.files;
    this.files = [];
    this.text.value = "";
    this.changed();
    this.drawFiles();
    this.tell("");
    this.send({ text, files });
    this.text.focus();
  }

  changed() {
    this.text.style.height = "auto";
    this.text.style.height = this.text.scrollHeight + 2 + "px";
    const long = this.text.value.length > TEXT_AT_MOST;
    if (long !== this.long) this.tell(long ? say("too_long") : "");
    this.long = long;
    at("composer").classList.toggle("ready", !long && Boolean(this.text.value.trim() || this.files.length));
  }

  pasted(event) {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    this.attach(files);
  }

  attach(files) {
    this.tell("");
    for (const file of files) {
      const problem = wrong(file);
      if (problem) this.tell(file.name + ": " + problem);
      else if (this.files.length >= Number(filesAtMost)) this.tell(say("too_many_files"));
      else this.files.push(file);
    }
    this.drawFiles();
  }

  drawFiles() {
    const list = at("files");
    list.hidden = !this.files.length;
    list.replaceChildren(
      ...this.files.map((file) => {
        const item = make("li", "", "");
        const remove = make("button", "", "×");
        remove.type = "button";
        remove.append(unseen("remove_file"));
        remove.addEventListener("click", () => {
          this.files = this.files.filter((other) => other !== file);
          this.drawFiles();
          this.text.focus();
        });
        item.append(make("span", "", file.name), make("small", "", size(file.size)), remove);
        return item;
      }),
    );
    at("composer").classList.toggle("ready", Boolean(this.text.value.trim() || this.files.length));
  }

  tell(words) {
    at("problem").textContent = words;
    at("problem").hidden = !words;
  }
}

function wrong(file) {
  if (!TYPES.some((end) => file.name.toLowerCase().endsWith(end))) return say("file_type");
  if (file.size > Number(fileAtMost)) return say("file_too_large");
  return file.size ? "" : say("file_empty");
}

function size(bytes) {
  return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " kB" : (bytes / 1048576).toFixed(1) + " MB";
}
