// The desk without this script is complete; with it the clocks run, the pages follow what happens, and keys work.
"use strict";

const body = document.body;
const ahead = Date.parse(body.dataset.now) - Date.now(); // the server's clock against this one
const units = body.dataset.units.split("|");

function span(seconds) {
  const parts = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const first = parts.findIndex(Boolean);
  if (first < 0) return `0 ${units[3]}`;
  const said = parts.map((amount, place) => (amount ? `${amount} ${units[place]}` : ""));
  return said.slice(first, first + 2).filter(Boolean).join(" ");
}

function tick() {
  const now = Date.now() + ahead;
  for (const clock of document.querySelectorAll(".clock[data-due]")) {
    const start = Date.parse(clock.dataset.start);
    const due = Date.parse(clock.dataset.due);
    const left = Math.round((due - now) / 1000);
    const spent = due > start ? (now - start) / (due - start) : 1;
    const urgency = due <= now ? "over" : spent >= 0.9 ? "red" : spent >= 0.75 ? "amber" : "calm";
    const text = (due <= now ? body.dataset.over : body.dataset.left).replace("{span}", span(Math.abs(left)));
    if (clock.textContent !== text) clock.textContent = text;
    if (clock.className !== `clock ${urgency}`) clock.className = `clock ${urgency}`;
  }
}
tick();
setInterval(tick, 1000);

// Drafts: what was typed survives a session that ended, a closed lid, a page gone back from. They stay in this tab.

const done = document.querySelector("[data-done]") !== null;

function draftKey(field) {
  return `draft:${location.pathname}:${field.closest("form").dataset.action}:${field.name}`;
}

function fields(where) {
  return where.querySelectorAll("[data-draft]");
}

for (const field of fields(document)) {
  const kept = sessionStorage.getItem(draftKey(field));
  if (done) sessionStorage.removeItem(draftKey(field));
  else if (kept && !field.value) {
    field.value = kept;
    field.closest("details")?.setAttribute("open", "");
  }
}
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-draft]")) sessionStorage.setItem(draftKey(event.target), event.target.value);
});
if (done) history.replaceState(null, "", location.pathname + location.search.replace(/([?&])done=[a-z_]+&?/, "$1").replace(/[?&]$/, ""));

// Forms: pressed twice is sent once.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) setTimeout(() => (button.disabled = true));
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// An entry's answer goes into the answer with its legal basis.

function offerInserting() {
  for (const button of document.querySelectorAll("[data-insert]")) button.hidden = false;
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.onclick = () => print();
  }
}
offerInserting();
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const field = document.querySelector('form[data-action="answer"] textarea');
  if (!button || !field) return;
  const entry = button.closest("details");
  const places = [...entry.querySelectorAll(".cites span")].map((place) => place.textContent);
  const text = `${entry.querySelector(".answer").textContent}\n(${places.join("; ")})`;
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${text}` : text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// Live: the stream says that something changed; the page is fetched again, and its live parts are put in place.

let fetching = false;
let again = false;

function touched(part) {
  if (part.contains(document.activeElement) && document.activeElement !== part) return true;
  return [...part.querySelectorAll("textarea, select, input:not([type=hidden])")].some((field) =>
    field.type === "file" ? field.files.length : field.tagName === "SELECT" ? field.selectedIndex > 0 : field.value.trim()
  );
}

async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return;
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live], [data-live-if-untouched]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.innerHTML) continue;
      if (part.hasAttribute("data-live-if-untouched") && touched(part)) continue;
      const open = [...part.querySelectorAll("details")].map((each) => each.open);
      const marked = part.querySelector(".case.at .number a")?.textContent;
      part.replaceChildren(...fresh.childNodes);
      if (open.length) part.querySelectorAll("details").forEach((each, place) => (each.open = open[place] ?? each.open));
      if (marked) mark([...part.querySelectorAll("[data-case]")].find((row) => row.querySelector(".number a").textContent === marked));
    }
    tick();
  } catch {
    // The connection is away: the stream shows that, and refreshes when it is back.
  } finally {
    fetching = false;
    if (again) {
      again = false;
      setTimeout(refresh, 1000);
    }
  }
}

let stream = null;
let missed = false;
const offline = document.getElementById("offline");

function follow() {
  if (stream || !body.dataset.stream || document.hidden) return;
  stream = new EventSource(body.dataset.stream);
  stream.addEventListener("open", () => {
    offline.hidden = true;
    if (missed) refresh();
    missed = false;
  });
  stream.addEventListener("changed", refresh);
  stream.addEventListener("ended", () => location.reload());
  stream.addEventListener("error", () => {
    offline.hidden = false;
    missed = true;
    if (stream.readyState === EventSource.CLOSED) {
      stream = null;
      setTimeout(follow, 5000);
    }
  });
}

// A browser allows few connections to one host: a tab that nobody sees gives its own back.
document.addEventListener("visibilitychange", () => {
  if (document.hidden && stream) {
    stream.close();
    stream = null;
  } else if (!document.hidden && !stream && body.dataset.stream) {
    follow();
    refresh();
  }
});
window.addEventListener("pagehide", () => stream?.close());
follow();
setInterval(() => !document.hidden && body.dataset.stream && refresh(), 60000);

// Keys

function mark(row) {
  document.querySelector(".case.at")?.classList.remove("at");
  row?.classList.add("at");
  row?.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-case]")];
  const at = rows.findIndex((row) => row.classList.contains("at"));
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next) {
    mark(next);
    next.querySelector(".number a").focus({ preventScroll: true });
  }
}

function press(element) {
  if (element.tagName === "SUMMARY") {
    element.parentElement.open = true;
    (element.parentElement.querySelector("textarea") ?? element).focus();
  } else if (element.matches("input, textarea, select")) element.focus();
  else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const typing = event.target.matches("input, textarea, select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (event.key === "Escape" && typing) {
    event.target.blur();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j" || event.key === "k") return step(event.key === "j" ? 1 : -1);
  const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (found) {
    event.preventDefault();
    press(found);
  }
});

(document.querySelector("[aria-invalid=true]") ?? document.getElementById("error"))?.focus();
