// The conversation: every message once, in the order of the ids that the server gave.
import { card, stands } from "./clocks.js";
import { make, unseen, worded } from "./dom.js";
import { later } from "./news.js";
import { clock, dayKey, dayName } from "./times.js";
import { paragraphs } from "./wording.js";
import { commandName, say } from "./words.js";

const NEAR = 120; // px from the end that still count as reading the newest

export class Log {
  /** pressed(action, label) when a button of a message is pressed; again(item), discard(item) of one that failed. */
  constructor(node, below, { pressed, again, discard }) {
    this.node = node;
    this.below = below;
    this.pressed = pressed;
    this.again = again;
    this.discard = discard;
    this.byId = new Map();
    this.own = new Map();
    this.anchor = null; // the first answer to what the person last did: its beginning stays in sight
    this.put = -1; // where we last scrolled to; somebody who is elsewhere reads, and is left alone
    below.addEventListener("click", () => this.toEnd());
    node.addEventListener("scroll", () => this.atEnd() && (below.hidden = true), { passive: true });
    document.addEventListener("language", () => this.translate());
    new ResizeObserver(() => this.follows() && this.settle()).observe(node); // the keyboard came up, the phone was turned
  }

  get empty() {
    return this.byId.size === 0 && this.own.size === 0;
  }

  /** Show a message of the server, unless it is shown. Returns whether it was new and ours. */
  show(message) {
    if (message.inquiry) stands(message.inquiry, message.id);
    if (this.byId.has(message.id)) return false;
    const mine = message.event && this.own.get(message.event);
    if (mine) {
      this.byId.set(message.id, mine);
      mine.dataset.id = message.id;
      this.mark(mine, "sent");
      return false;
    }
    const follow = this.follows();
    const node = this.bubble(message);
    node.dataset.id = message.id;
    this.byId.set(message.id, node);
    this.place(node, message.id);
    if (message.author === "bot") this.anchor = this.anchor || node;
    if (follow) this.settle();
    else if (message.author === "bot") this.below.hidden = false;
    return message.author === "bot";
  }

  /** Show what is on its way. */
  showOwn(item) {
    const node = this.bubble({ author: "person", at: item.at, text: item.text, files: item.files });
    node.dataset.event = item.id;
    this.own.set(item.id, node);
    this.node.append(...this.dayBefore(node, null), node);
    this.toEnd();
    this.update(item);
  }

  update(item) {
    const node = this.own.get(item.id);
    if (!node || node.dataset.id) return;
    const follow = this.follows();
    this.mark(node, item.state, item);
    if (follow) this.settle();
  }

  remove(item) {
    const node = this.own.get(item.id);
    if (node) node.remove();
    this.own.delete(item.id);
  }

  mark(node, state, item) {
    node.dataset.state = state;
    const foot = node.querySelector(".foot");
    foot.querySelector(".state")?.remove();
    node.querySelector(".mend")?.remove();
    if (state === "sent") return;
    foot.append(worded("span", "state", state));
    if (state !== "failed") return;
    const mend = make("div", "mend");
    if (item.words) mend.append(make("p", "", item.words));
    for (const [key, act] of [["retry", this.again], ["discard", this.discard]]) {
      const button = worded("button", "", key);
      button.type = "button";
      button.addEventListener("click", () => act(item));
      mend.append(button);
    }
    node.append(mend);
  }

  bubble(message) {
    const node = make("article", "message " + message.author);
    const at = new Date(message.at);
    node.dataset.day = dayKey(at);
    node.dataset.at = String(at.getTime());
    const body = make("div", "bubble");
    body.append(unseen(message.author === "bot" ? "bot" : "you"));
    const command = message.author === "person" && commandName(message.text);
    if (command || message.text) body.append(paragraphs(command || message.text));
    for (const file of message.files || []) body.append(attachment(file));
    if (message.deadline) body.append(card(message));
    const foot = make("div", "foot");
    const time = make("time", "", clock(at));
    time.dateTime = at.toISOString();
    foot.append(time);
    node.append(body, foot, ...this.buttons(message.buttons || []));
    return node;
  }

  buttons(rows) {
    return rows.map((row) => {
      const line = make("div", "buttons");
      for (const { label, action, url } of row) line.append(url ? opener(label, url) : this.button(label, action));
      return line;
    });
  }

  button(label, action) {
    const node = make("button", "", label);
    node.type = "button";
    node.addEventListener("click", () => {
      // It looks done, but can be pressed again: somebody who changes their mind is never stuck.
      if (!node.classList.contains("pressed")) node.append(unseen("chosen"));
      node.classList.add("pressed");
      this.pressed(action, label);
    });
    return node;
  }

  /** Put a message behind everything that is older; what is on its way stays last. */
  place(node, id) {
    let next = null;
    for (let at = this.node.lastElementChild; at; at = at.previousElementSibling) {
      const waiting = at.dataset.event && !at.dataset.id && at.dataset.state !== "sent";
      if (waiting || at.classList.contains("day") || (at.dataset.id && later(at.dataset.id, id))) next = at;
      else break;
    }
    while (next && next.classList.contains("day") && next.dataset.day <= node.dataset.day) next = next.nextElementSibling;
    for (const part of [...this.dayBefore(node, next), node]) this.node.insertBefore(part, next);
  }

  /** Return the heading of a day, when the message is the first of it. */
  dayBefore(node) {
    const day = node.dataset.day;
    if ([...this.node.querySelectorAll(".day")].some((heading) => heading.dataset.day === day)) return [];
    const heading = make("h2", "day", dayName(new Date(Number(node.dataset.at))));
    heading.dataset.day = day;
    heading.dataset.at = node.dataset.at;
    return [heading];
  }

  translate() {
    for (const node of this.node.querySelectorAll(".day")) node.textContent = dayName(new Date(Number(node.dataset.at)));
  }

  atEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR;
  }

  follows() {
    return this.atEnd() || Math.abs(this.node.scrollTop - this.put) < 4;
  }

  /** Go to the end; what comes next is the beginning of an answer. */
  toEnd() {
    this.anchor = null;
    this.settle();
  }

  /** Go to the end, but not past the beginning of the answer: a long one is read from its first line. */
  settle() {
    const end = this.node.scrollHeight - this.node.clientHeight;
    this.node.scrollTop = this.anchor ? Math.min(end, this.anchor.offsetTop - 12) : end;
    this.put = this.node.scrollTop;
    this.below.hidden = this.atEnd();
  }
}

function attachment(file) {
  if (!file.url) return make("span", "file", file.name);
  const link = make("a", "file", file.name);
  link.href = file.url;
  link.download = file.name;
  link.title = say("download");
  return link;
}

function opener(label, url) {
  const link = make("a", "", label);
  if (/^https?:\/\//.test(url)) link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}
