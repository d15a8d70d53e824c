// The small part of card markdown that cards use, drawn as DOM nodes. What it does not know stays visible as plain text.

import { h } from "./dom.js";

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const MAX_DEPTH = 6;

// In this order: the first that matches at the earliest place wins.
const INLINE = [
  [/\\([!-/:-@[-`{-~])/, (m) => m[1]],
  [/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/i, (m) => entity(m)],
  [/`([^`\n]+)`/, (m) => h("code", {}, m[1])],
  [/<br\s*\/?>/i, () => h("br")],
  [/<font\s+color\s*=\s*['"]?([\w-]+)['"]?\s*>([\s\S]*?)<\/font>/i, (m, go) => h("span", { class: `tone-${tone(m[1])} tone-text` }, go(m[2]))],
  [/<text_tag\s+color\s*=\s*['"]?([\w-]+)['"]?\s*>([\s\S]*?)<\/text_tag>/i, (m) => h("span", { class: `text-tag tone-${tone(m[1])}` }, plain(m[2]))],
  [/<at\s+(?:id|user_id|open_id)\s*=\s*['"]?([\w-]+)['"]?\s*>([\s\S]*?)<\/at>/i, (m, go, names) => mention(m[1], m[2], names)],
  [/<person\s+id\s*=\s*['"]?([\w-]+)['"]?[^>]*>(?:[\s\S]*?<\/person>)?/i, (m, go, names) => mention(m[1], "", names)],
  [/<number_tag[^>]*>([\s\S]*?)<\/number_tag>/i, (m) => h("span", { class: "number-tag" }, plain(m[1]))],
  [/<(link|a)\s+[^>]*?(?:url|href)\s*=\s*['"]([^'"]*)['"][^>]*>([\s\S]*?)<\/\1>/i, (m, go) => link(m[2], go(m[3]))],
  [/<local_datetime[^>]*millisecond\s*=\s*['"]?(\d+)['"]?[^>]*>(?:[\s\S]*?<\/local_datetime>)?/i, (m) => localTime(Number(m[1]))],
  [/!\[([^\]\n]*)\]\([^()\s]*\)/, (m) => `［图片：${m[1] || "无说明"}］`],
  [/\[([^\]\n]+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)/, (m, go) => link(m[2], go(m[1]))],
  [/\*\*(?=\S)([\s\S]*?\S)\*\*/, (m, go) => h("strong", {}, go(m[1]))],
  [/~~(?=\S)([\s\S]*?\S)~~/, (m, go) => h("s", {}, go(m[1]))],
  [/\*(?=[^\s*])([^*\n]*?[^\s*])\*/, (m, go) => h("em", {}, go(m[1]))],
];

function entity(m) {
  const code = m[1] ? Number(m[1]) : m[2] ? parseInt(m[2], 16) : 0;
  if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
  return ENTITIES[m[3]?.toLowerCase()] ?? m[0];
}

/** Text inside a tag that takes no further markup, with its entities read. */
const plain = (text) => text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (...m) => entity(m));

const mention = (id, text, names) => h("span", { class: "mention" }, `@${id === "all" ? "所有人" : names(id) || plain(text) || id}`);

function localTime(ms) {
  return new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" })
    .format(new Date(ms));
}

/** "blue-600" and "blue" are one tone; anything that is no colour name is neutral. */
export const tone = (name) => (String(name ?? "").match(/^[a-z]+/)?.[0] ?? "neutral");

export const isWebAddress = (url) => /^https?:\/\//i.test(String(url ?? ""));

/** A link for web addresses; for any other scheme only its text. */
export function link(url, children) {
  if (!isWebAddress(url)) return h("span", {}, children);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, children);
}

export function inline(text, names = () => "", depth = 0) {
  if (depth > MAX_DEPTH) return [text];
  const go = (inner) => inline(inner, names, depth + 1);
  const nodes = [];
  let rest = text;
  while (rest) {
    let first = null;
    for (const [pattern, draw] of INLINE) {
      const found = pattern.exec(rest);
      if (found && (!first || found.index < first.found.index)) first = { found, draw };
    }
    if (!first) break;
    nodes.push(rest.slice(0, first.found.index), first.draw(first.found, go, names));
    rest = rest.slice(first.found.index + first.found[0].length);
  }
  nodes.push(rest);
  return nodes;
}

const BLOCKS = {
  heading: /^(#{1,6})\s+(.*)$/,
  rule: /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/,
  bullet: /^\s*[-*+]\s+(.*)$/,
  number: /^\s*(\d{1,3})[.)]\s+(.*)$/,
  quote: /^>\s?(.*)$/,
};

function lines(list, names) {
  return list.flatMap((line, index) => (index ? [h("br"), ...inline(line, names)] : inline(line, names)));
}

/** Markdown as a `div.md`; a single line break is a line break. */
export function drawMarkdown(source, names = () => "") {
  const root = h("div", { class: "md" });
  const rows = String(source ?? "").replace(/\r\n?/g, "\n").split("\n");
  let at = 0;
  const take = (pattern, pick) => {
    const taken = [];
    while (at < rows.length && pattern.test(rows[at])) taken.push(pick(rows[at++].match(pattern)));
    return taken;
  };
  const special = (row) => row.startsWith("```") || Object.values(BLOCKS).some((pattern) => pattern.test(row));
  while (at < rows.length) {
    const row = rows[at];
    if (!row.trim()) {
      at += 1;
    } else if (row.startsWith("```")) {
      const end = rows.findIndex((one, index) => index > at && one.startsWith("```"));
      const stop = end < 0 ? rows.length : end;
      root.append(h("pre", { tabindex: "0" }, h("code", {}, rows.slice(at + 1, stop).join("\n"))));
      at = stop + 1;
    } else if (BLOCKS.rule.test(row)) {
      root.append(h("hr"));
      at += 1;
    } else if (BLOCKS.heading.test(row)) {
      const [, marks, text] = row.match(BLOCKS.heading);
      root.append(h("p", { class: `md-heading md-h${marks.length}` }, inline(text, names)));
      at += 1;
    } else if (BLOCKS.bullet.test(row)) {
      root.append(h("ul", {}, take(BLOCKS.bullet, (m) => h("li", {}, inline(m[1], names)))));
    } else if (BLOCKS.number.test(row)) {
      const start = Number(row.match(BLOCKS.number)[1]);
      root.append(h("ol", { start }, take(BLOCKS.number, (m) => h("li", {}, inline(m[2], names)))));
    } else if (BLOCKS.quote.test(row)) {
      root.append(h("blockquote", {}, lines(take(BLOCKS.quote, (m) => m[1]), names)));
    } else {
      const paragraph = [];
      while (at < rows.length && rows[at].trim() && !(paragraph.length && special(rows[at]))) paragraph.push(rows[at++]);
      root.append(h("p", {}, lines(paragraph, names)));
    }
  }
  return root;
}
