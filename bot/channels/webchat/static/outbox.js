// What was written and is on its way. An item keeps its id for ever, so sending it again never says it twice; it leaves the
// outbox only when the server has it, or when the person takes it back. Nothing of it is written to the phone.
import { current } from "./words.js";

const LONGEST_WAIT = 15000;

export class Outbox {
  /** changed(item): its `state` is now sending, waiting, slowed, failed (then with `words`) or sent. */
  constructor(changed) {
    this.changed = changed;
    this.queue = [];
    this.running = false;
    this.wakeUp = () => {};
  }

  get busy() {
    return this.queue.length > 0;
  }

  add({ text = "", action = "", files = [] }) {
    const item = { id: newId(), text, action, files, at: Date.now(), state: "sending", words: "" };
    this.queue.push(item);
    this.run();
    return item;
  }

  again(item) {
    item.state = "sending";
    this.changed(item);
    this.queue.push(item);
    this.run();
  }

  /** Try now what waits: the line is back. */
  wake() {
    this.wakeUp();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    let failures = 0;
    while (this.queue.length) {
      const item = this.queue[0];
      const outcome = await post(item);
      if (outcome.wait === undefined) {
        this.queue.shift();
        failures = 0;
      } else {
        failures += 1;
      }
      item.state = outcome.state;
      item.words = outcome.words || "";
      this.changed(item);
      if (outcome.wait !== undefined) {
        await this.pause(Math.max(outcome.wait, Math.min(LONGEST_WAIT, 500 * 2 ** failures)), outcome.wait > 0);
      }
    }
    this.running = false;
  }

  pause(ms, toTheEnd) {
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
      this.wakeUp = toTheEnd ? () => {} : resolve;
    });
  }
}

/** Send an item. `wait` is set when it should be tried again, to the ms that the server asked for or 0. */
async function post(item) {
  let answer;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), item.files.length ? 600000 : 20000);
  try {
    answer = await fetch("/chat/messages?lang=" + current(), { method: "POST", ...body(item), signal: stop.signal });
  } catch {
    return { state: "waiting", wait: 0 };
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok) return { state: "sent" };
  const asked = Number(answer.headers.get("Retry-After")) * 1000 || 0;
  if (answer.status === 429) return { state: "slowed", wait: asked || 1000 };
  if (answer.status >= 500) return { state: "waiting", wait: 0 };
  const problem = await answer.json().catch(() => ({}));
  return { state: "failed", words: problem.title || "" };
}

function body({ id, text, action, files }) {
  if (!files.length) {
    return { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id, text, action, language: current() }) };
  }
  const form = new FormData();
  for (const [name, value] of Object.entries({ id, text, action, language: current() })) form.append(name, value);
  for (const file of files) form.append("files", file, file.name);
  return { body: form };
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
