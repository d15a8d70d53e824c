// The marks that dialects of markdown share: entities, mentions, times, colours and links.

import { h } from "./dom.js";

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
export function entity(m) {
  const code = m[1] ? Number(m[1]) : m[2] ? parseInt(m[2], 16) : 0;
  if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
  return ENTITIES[m[3]?.toLowerCase()] ?? m[0];
}

/** Text inside a tag that takes no further markup, with its entities read. */
export const plain = (text) => text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (...m) => entity(m));

export const mention = (id, text, names) => h("span", { class: "mention" }, `@${id === "all" ? "所有人" : names(id) || plain(text) || id}`);

export function localTime(ms) {
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
