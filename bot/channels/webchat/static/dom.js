// Making elements. Words of people only ever become text nodes: nothing that somebody wrote is read as markup.
import { say } from "./words.js";

export function make(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** Make an element whose text follows the language of the page. */
export function worded(tag, className, key) {
  const node = make(tag, className, say(key));
  node.dataset.t = key;
  return node;
}

export function unseen(key) {
  return worded("span", "unseen", key);
}

/** Return a copy of a template of the page. */
export function copyOf(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
