// What the page says, in the language that is shown. A change of language is at once: nothing that was typed is lost.
import texts from "./texts.js";

let language = document.documentElement.lang in texts ? document.documentElement.lang : "vi";

export const current = () => language;
export const say = (key) => texts[language]["webchat.page_" + key] || "";
export const stateName = (state) => texts[language]["state." + state] || "";
export const menu = () => texts[language].menu;

/** Return what a command that was sent as text is called, or nothing if it is no command of the menu. */
export function commandName(text) {
  if (/^\/start\s+\S/.test(text)) return say("joining");
  const found = menu().find(([name]) => text === "/" + name);
  return found ? found[1] : "";
}

/** Write the texts of everything in `root` that names its text in data-t, data-t-label, data-t-title, data-t-placeholder. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = say(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", say(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-title]")) node.title = say(node.dataset.tTitle);
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = say(node.dataset.tPlaceholder);
}

export function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen;
  translate(document);
  document.title = say("title");
  document.dispatchEvent(new Event("language"));
}
