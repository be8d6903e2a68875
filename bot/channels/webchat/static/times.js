// Times as people here read them: in the operator's time zone, by the server's clock (those of cheap phones go wrong).
import { current, say } from "./words.js";

const timeZone = document.body.dataset.timezone;
let ahead = 0;

/** Note the server's time, as an answer of it told. */
export function setClock(now) {
  ahead = Date.parse(now) - Date.now();
}

export const now = () => Date.now() + ahead;

function format(moment, options) {
  return new Intl.DateTimeFormat(current() === "vi" ? "vi-VN" : "en-GB", { timeZone, ...options }).format(moment);
}

export const clock = (moment) => format(moment, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const dayKey = (moment) => format(moment, { year: "numeric", month: "2-digit", day: "2-digit" });

export function dayName(moment) {
  const day = dayKey(moment);
  if (day === dayKey(now())) return say("today");
  if (day === dayKey(now() - 86400000)) return say("yesterday");
  return day;
}

export const momentName = (moment) => clock(moment) + " · " + dayKey(moment);

/** Write what is left, in ms: "23:59:07", with days before it when there are any. */
export function left(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (value) => String(value).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  const rest = pad(Math.floor(seconds / 3600) % 24) + ":" + pad(Math.floor(seconds / 60) % 60) + ":" + pad(seconds % 60);
  return days ? days + " " + say("days") + " " + rest : rest;
}
