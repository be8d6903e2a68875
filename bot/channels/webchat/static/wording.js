// A message's text as paragraphs: addresses become links, numbers of inquiries and of documents stand out.
import { make } from "./dom.js";

const PARTS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])|(YC-\d{4}-\d{6,})|(\d{1,5}\/(?:\d{4}\/)?[A-ZĐ]{2,}(?:-[A-ZĐ0-9]{2,})*)/g;
const PLACE = /(Điều|khoản|Phần|Phụ lục|đoạn|Article|Part|Appendix|paragraph)/i;

export function paragraphs(text) {
  const all = document.createDocumentFragment();
  for (const block of text.split(/\n{2,}/)) {
    const paragraph = make("p");
    block.split("\n").forEach((line, index) => {
      if (index) paragraph.append(document.createTextNode("\n"));
      paragraph.append(isGround(line) ? ground(line) : pieces(line));
    });
    all.append(paragraph);
  }
  return all;
}

/** A line of its own that says where an answer is written: a short one with a document's number and a place in it. */
function isGround(line) {
  PARTS.lastIndex = 0;
  return line.length < 240 && PLACE.test(line) && [...line.matchAll(PARTS)].some((match) => match[3]) && !/[.?!]\s*$/.test(line);
}

function ground(line) {
  const node = make("span", "ground");
  node.append(pieces(line));
  return node;
}

function pieces(line) {
  const all = document.createDocumentFragment();
  let end = 0;
  for (const match of line.matchAll(PARTS)) {
    all.append(line.slice(end, match.index));
    all.append(match[1] ? link(match[1]) : make("strong", match[2] ? "number" : "law", match[0]));
    end = match.index + match[0].length;
  }
  all.append(line.slice(end));
  return all;
}

function link(address) {
  const node = make("a", "", address);
  node.href = address;
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}
