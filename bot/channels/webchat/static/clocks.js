// The card of an inquiry in a message: its number, where it stands, and the time that is left, counting down.
import { make } from "./dom.js";
import { left, momentName, now } from "./times.js";
import { say, stateName } from "./words.js";

const cards = [];

/** Make the card of a message that carries a deadline. */
export function card(message) {
  const inquiry = message.inquiry || { number: "", state: "", due: message.deadline };
  const node = make("div", "clock");
  const head = make("div", "clock-head");
  const state = make("span", "clock-state");
  head.append(make("strong", "clock-number", inquiry.number), state);
  const bar = make("div", "clock-bar");
  const fill = make("i");
  bar.append(fill);
  bar.setAttribute("aria-hidden", "true");
  const time = make("div", "clock-time");
  const rest = make("span", "clock-left");
  rest.setAttribute("role", "timer");
  const due = make("span", "clock-due");
  time.append(rest, due);
  node.append(head, bar, time);
  const made = { node, state, fill, rest, due, bar, time, from: Date.parse(message.at), inquiry };
  cards.push(made);
  draw(made);
  return node;
}

/** Note where an inquiry stands now: every card of it shows that, the old ones too. */
export function stands(inquiry, id) {
  for (const made of cards) {
    if (made.inquiry.number !== inquiry.number || older(id, made.told)) continue;
    made.inquiry = inquiry;
    made.told = id;
    draw(made);
  }
}

const older = (id, than) => than !== undefined && (id.length - than.length || (id < than ? -1 : 1)) < 0;

function draw(made) {
  const { inquiry } = made;
  const due = inquiry.due ? Date.parse(inquiry.due) : 0;
  made.state.textContent = stateName(inquiry.state);
  made.node.dataset.state = inquiry.state;
  made.bar.hidden = made.time.hidden = !due;
  if (!due) return;
  const rest = due - now();
  made.node.classList.toggle("late", rest <= 0);
  made.node.classList.toggle("soon", rest > 0 && rest < Math.max(due - made.from, 1) * 0.2);
  made.rest.textContent = rest > 0 ? say("left") + " " + left(rest) : say("overdue");
  made.due.textContent = say("due") + " " + momentName(due);
  made.fill.style.width = Math.min(100, Math.max(0, (100 * rest) / Math.max(due - made.from, 1))) + "%";
}

setInterval(() => {
  if (!document.hidden) cards.forEach(draw);
}, 1000);
document.addEventListener("visibilitychange", () => cards.forEach(draw));
document.addEventListener("language", () => cards.forEach(draw));
