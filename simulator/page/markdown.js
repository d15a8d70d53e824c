// Markdown as the platforms' clients draw it, as DOM nodes. What a dialect does not know stays visible as plain text.

import { h } from "./dom.js";
import { FEISHU } from "./markdown-dialects.js";

export { isWebAddress, link, tone } from "./markdown-marks.js";

const MAX_DEPTH = 6;

/** One line's markup. `dialect.inline` lists [pattern, draw]: the first that matches at the earliest place wins. */
export function inline(text, names, dialect, depth = 0) {
  if (depth > MAX_DEPTH) return [text];
  const go = (inner) => inline(inner, names, dialect, depth + 1);
  const nodes = [];
  let rest = text;
  while (rest) {
    let first = null;
    for (const [pattern, draw] of dialect.inline) {
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
  fence: /^```/,
  table: /^\|.*\|\s*$/,
};

const cells = (row) => row.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

/** Markdown as a `div.md`, by default as on a Feishu card. */
export function drawMarkdown(source, names = () => "", dialect = FEISHU) {
  const root = h("div", { class: "md" });
  const rows = String(source ?? "").replace(/\r\n?/g, "\n").split("\n");
  const is = (kind, row) => dialect.blocks.includes(kind) && BLOCKS[kind].test(row);
  const special = (row) => dialect.blocks.some((kind) => BLOCKS[kind].test(row));
  const words = (text) => inline(text, names, dialect);
  let at = 0;
  const take = (kind) => {
    const taken = [];
    while (at < rows.length && is(kind, rows[at])) taken.push(rows[at++].match(BLOCKS[kind]));
    return taken;
  };
  /** Lines under each other: a line break breaks where the dialect says so, else it is a blank. */
  const lines = (list) => list.flatMap((line, index) => {
    const breaks = index && (dialect.breaks || /( {2}|<br\s*\/?>)\s*$/.test(list[index - 1]));
    return [breaks ? h("br") : index ? " " : "", ...words(dialect.breaks ? line : line.trim())];
  });
  while (at < rows.length) {
    const row = rows[at];
    if (!row.trim()) {
      at += 1;
    } else if (is("fence", row)) {
      const end = rows.findIndex((one, index) => index > at && BLOCKS.fence.test(one));
      const stop = end < 0 ? rows.length : end;
      root.append(h("pre", { tabindex: "0" }, h("code", {}, rows.slice(at + 1, stop).join("\n"))));
      at = stop + 1;
    } else if (is("rule", row)) {
      root.append(h("hr"));
      at += 1;
    } else if (is("heading", row)) {
      const [, marks, text] = row.match(BLOCKS.heading);
      root.append(h("p", { class: `md-heading md-h${marks.length}` }, words(text)));
      at += 1;
    } else if (is("bullet", row)) {
      root.append(h("ul", {}, take("bullet").map((m) => h("li", {}, words(m[1])))));
    } else if (is("number", row)) {
      const found = take("number");
      root.append(h("ol", { start: Number(found[0][1]) }, found.map((m) => h("li", {}, words(m[2])))));
    } else if (is("quote", row)) {
      root.append(h("blockquote", {}, lines(take("quote").map((m) => m[1]))));
    } else if (is("table", row)) {
      const [head, , ...rest] = take("table").map((m) => cells(m[0]));
      root.append(h("table", { class: "card-table" },
        h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, words(cell))))),
        h("tbody", {}, rest.map((one) => h("tr", {}, one.map((cell) => h("td", {}, words(cell))))))));
    } else {
      const paragraph = [];
      while (at < rows.length && rows[at].trim() && !(paragraph.length && special(rows[at]))) paragraph.push(rows[at++]);
      root.append(h("p", {}, lines(paragraph)));
    }
  }
  return root;
}
