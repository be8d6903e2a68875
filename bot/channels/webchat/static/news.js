// What is new: a stream while the page is looked at, a question now and then while it is not or when no stream comes through.
import { setClock } from "./times.js";

const SILENCE = 40000; // the server says something every 15 s; a line that is silent for longer is dead
const WHILE_LOST = 4000;
const WHILE_HIDDEN = 20000;

export class News {
  /** came(messages) is told what is new; line(connected) whether the server can be reached. */
  constructor(came, line) {
    this.came = came;
    this.line = line;
    this.last = "0";
    this.heard = Date.now();
    this.looking = null;
  }

  async start() {
    while (!(await this.look())) await new Promise((resolve) => setTimeout(resolve, 2000));
    this.open();
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.back()));
    window.addEventListener("online", () => this.back());
    window.addEventListener("offline", () => this.line(false));
    setInterval(() => this.watch(), 1000);
  }

  /** Ask once; return whether the server answered. */
  look() {
    this.looking = this.looking || this.ask().finally(() => (this.looking = null));
    return this.looking;
  }

  async ask() {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 15000);
    this.asked = Date.now();
    try {
      const answer = await fetch("/chat/messages?after=" + this.last, { signal: stop.signal, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const { now, messages } = await answer.json();
      setClock(now);
      this.take(messages);
      this.line(true);
      return true;
    } catch {
      this.line(false);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  take(messages) {
    for (const { id } of messages) if (later(id, this.last)) this.last = id;
    this.came(messages);
  }

  open() {
    this.close();
    this.heard = Date.now();
    this.source = new EventSource("/chat/stream?after=" + this.last);
    this.source.onopen = () => this.alive();
    this.source.addEventListener("here", (event) => this.alive(event.data));
    this.source.onmessage = (event) => {
      const { now, message } = JSON.parse(event.data);
      this.alive(now);
      this.take([message]);
    };
    this.source.onerror = () => {
      this.lost = true;
      this.look();
    };
  }

  alive(now) {
    this.heard = Date.now();
    this.lost = false;
    if (now) setClock(now);
    this.line(true);
  }

  close() {
    if (this.source) this.source.close();
    this.source = null;
  }

  back() {
    this.look();
    if (!document.hidden) this.open();
  }

  watch() {
    const since = Date.now() - this.asked;
    if (document.hidden) {
      if (since > WHILE_HIDDEN) this.look();
      return;
    }
    const closed = !this.source || this.source.readyState === EventSource.CLOSED;
    if ((this.lost || closed) && since > WHILE_LOST) this.look().then((answered) => answered && closed && this.open());
    else if (Date.now() - this.heard > SILENCE) this.back();
  }
}

/** Ids are longer than a number of JavaScript: text of digits, compared as such. */
export const later = (id, than) => (id.length - than.length || (id > than ? 1 : id < than ? -1 : 0)) > 0;
