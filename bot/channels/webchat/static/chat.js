// The page: who is told what.
import { Composer } from "./composer.js";
import { copyOf, make } from "./dom.js";
import { Log } from "./log.js";
import { News } from "./news.js";
import { Outbox } from "./outbox.js";
import { current, menu, say, speak, translate } from "./words.js";

const at = (id) => document.getElementById(id);
const TYPING_AT_MOST = 8000;
const fine = matchMedia("(pointer: fine)"); // on a phone, the focus in the field would bring up the keyboard unasked

const outbox = new Outbox(itemChanged);
const log = new Log(at("log"), at("below"), {
  pressed: (action) => press(action),
  again: (item) => outbox.again(item),
  discard: (item) => log.remove(item),
});
const news = new News(came, line);
new Composer(({ text, files }) => write(text, files));

let unread = 0;
let typing = 0;

function write(text, files = []) {
  at("log").querySelector(".greeting")?.classList.add("begun");
  log.showOwn(outbox.add({ text, files }));
}

function press(action) {
  const spoken = /^lang:(\w+)$/.exec(action);
  if (spoken && spoken[1] !== current()) speak(spoken[1]);
  outbox.add({ action });
  waitForAnswer();
}

function itemChanged(item) {
  log.update(item);
  if (item.state !== "sent") return;
  waitForAnswer();
  // Where no stream comes through (some proxies hold it back), the answer is fetched.
  setTimeout(() => typing && news.look(), 1500);
}

function waitForAnswer() {
  clearTimeout(typing);
  typing = setTimeout(answered, TYPING_AT_MOST);
  at("typing").hidden = false;
  log.toEnd();
}

function answered() {
  clearTimeout(typing);
  typing = 0;
  at("typing").hidden = true;
}

function came(messages) {
  let fresh = 0;
  for (const message of messages) if (log.show(message)) fresh += 1;
  if (!fresh) return;
  answered();
  if (document.hidden && at("log").getAttribute("aria-live") === "polite") unread += fresh;
  showTitle();
}

function showTitle() {
  document.title = (unread ? "(" + unread + ") " : "") + say("title");
}

let told = 0;
function line(connected) {
  if (connected) {
    clearTimeout(told);
    told = 0;
    outbox.wake();
    at("line").hidden = true;
  } else if (!told) {
    // A short break, as between two cells of the network, is not worth a word.
    told = setTimeout(() => {
      at("line").dataset.t = "offline";
      at("line").textContent = say("offline");
      at("line").hidden = false;
    }, 2500);
  }
}

function greet() {
  const greeting = copyOf("greeting");
  translate(greeting);
  for (const button of greeting.querySelectorAll(".example")) {
    button.addEventListener("click", () => {
      write(button.textContent.trim());
      if (fine.matches) at("text").focus();
      else at("log").focus({ preventScroll: true });
    });
  }
  at("log").prepend(greeting);
}

function drawMenu() {
  at("menu").hidden = !menu().length;
  at("menu").replaceChildren(
    ...menu().map(([name, label]) => {
      const button = make("button", "", label);
      button.type = "button";
      button.addEventListener("click", () => write("/" + name));
      return button;
    }),
  );
}

function invite(code) {
  const card = copyOf("invitation");
  translate(card);
  card.addEventListener("click", (event) => {
    const chosen = event.target.dataset.join;
    if (!chosen) return;
    card.remove();
    if (chosen === "yes") write("/start " + code);
    if (fine.matches) at("text").focus();
  });
  const greeting = at("log").querySelector(".greeting");
  if (greeting) greeting.before(card);
  else at("log").append(card);
  card.querySelector("button").focus();
}

function rememberLanguage() {
  document.cookie = "donghanh_language=" + current() + "; Path=/; Max-Age=31536000; SameSite=Lax";
}

function takeInvitation() {
  const here = new URL(location.href);
  const code = (here.searchParams.get("join") || "").trim();
  // A one-time code has no business in the history of a shared computer.
  here.searchParams.delete("join");
  history.replaceState(null, "", here);
  if (code) invite(code.slice(0, 64));
}

for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const chosen = link.dataset.language;
    if (chosen === current()) return;
    // Who has not begun to talk needs no word about it: every message says in which language the page is.
    if (log.empty) speak(chosen);
    else press("lang:" + chosen);
  });
}

document.addEventListener("language", () => {
  for (const link of document.querySelectorAll("[data-language]")) {
    if (link.dataset.language === current()) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const here = new URL(location.href);
  here.searchParams.set("lang", current());
  history.replaceState(null, "", here);
  rememberLanguage();
  drawMenu();
  showTitle();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
});
window.addEventListener("beforeunload", (event) => {
  if (outbox.busy) event.preventDefault();
});

rememberLanguage();
drawMenu();
news.start().then(() => {
  at("loading").remove();
  if (log.empty) greet();
  log.toEnd();
  takeInvitation();
  if (at("log").querySelector(".greeting")) at("log").scrollTop = 0;
  // From here on new messages are read out; the conversation so far was not, all at once.
  at("log").setAttribute("aria-live", "polite");
  document.body.dataset.ready = "yes";
});
