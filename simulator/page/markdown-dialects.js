// What each platform's markdown knows; anything else stays plain text there.

import { h } from "./dom.js";
import { entity, link, localTime, mention, plain, tone } from "./markdown-marks.js";

const escaped = [/\\([!-/:-@[-`{-~])/, (m) => m[1]];
const entities = [/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/i, (m) => entity(m)];
const code = [/`([^`\n]+)`/, (m) => h("code", {}, m[1])];
const lineBreak = [/<br\s*\/?>/i, () => h("br")];
const strong = [/\*\*(?=\S)([\s\S]*?\S)\*\*/, (m, go) => h("strong", {}, go(m[1]))];
const emphasis = [/\*(?=[^\s*])([^*\n]*?[^\s*])\*/, (m, go) => h("em", {}, go(m[1]))];
const struck = [/~~(?=\S)([\s\S]*?\S)~~/, (m, go) => h("s", {}, go(m[1]))];
const webLink = [/\[([^\]\n]+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)/, (m, go) => link(m[2], go(m[1]))];
const pictureWord = [/!\[([^\]\n]*)\]\([^()\s]*\)/, (m) => `［图片：${m[1] || "无说明"}］`];
const font = (tones) => [/<font\s+color\s*=\s*['"]?(#?[\w-]+)['"]?\s*>([\s\S]*?)<\/font>/i,
  (m, go) => h("span", { class: `tone-${tones(m[1])} tone-text` }, go(m[2]))];

/** `names` may carry `image(key)`: how a picture in the text is drawn. */
const picture = [/!\[([^\]\n]*)\]\(([^()\s]*)\)/, (m, go, names) => names.image?.(m[2], m[1]) ?? `［图片：${m[1] || "无说明"}］`];

/** `names` may carry `say(text)`: a link that makes its reader send a text. */
const DTMD = /^dtmd:\/\/dingtalkclient\/sendMessage\?content=(.*)$/i;
const saying = [/\[([^\]\n]+)\]\((dtmd:[^()\s]+)\)/i, (m, go, names) => {
  const text = decode(m[2].match(DTMD)?.[1]);
  if (!text || !names.say) return h("span", {}, go(m[1]));
  return h("button", { type: "button", class: "link-button", "data-says": text, on: { click: () => names.say(text) } }, go(m[1]));
}];

function decode(text) {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    return "";
  }
}

export const FEISHU = {
  breaks: true,
  blocks: ["fence", "rule", "heading", "bullet", "number", "quote"],
  inline: [
    escaped, entities, code, lineBreak, font(tone),
    [/<text_tag\s+color\s*=\s*['"]?([\w-]+)['"]?\s*>([\s\S]*?)<\/text_tag>/i, (m) => h("span", { class: `text-tag tone-${tone(m[1])}` }, plain(m[2]))],
    [/<at\s+(?:id|user_id|open_id)\s*=\s*['"]?([\w-]+)['"]?\s*>([\s\S]*?)<\/at>/i, (m, go, names) => mention(m[1], m[2], names)],
    [/<person\s+id\s*=\s*['"]?([\w-]+)['"]?[^>]*>(?:[\s\S]*?<\/person>)?/i, (m, go, names) => mention(m[1], "", names)],
    [/<number_tag[^>]*>([\s\S]*?)<\/number_tag>/i, (m) => h("span", { class: "number-tag" }, plain(m[1]))],
    [/<(link|a)\s+[^>]*?(?:url|href)\s*=\s*['"]([^'"]*)['"][^>]*>([\s\S]*?)<\/\1>/i, (m, go) => link(m[2], go(m[3]))],
    [/<local_datetime[^>]*millisecond\s*=\s*['"]?(\d+)['"]?[^>]*>(?:[\s\S]*?<\/local_datetime>)?/i, (m) => localTime(Number(m[1]))],
    pictureWord, webLink, strong, struck, emphasis,
  ],
};

const WECOM_TONES = { info: "green", comment: "grey", warning: "orange" };
const wecomMention = [/<@([\w.@-]{1,64})>/, (m, go, names) => mention(m[1], "", names)];

/** No lists, no tables, no pictures. */
export const WECOM = {
  breaks: true,
  blocks: ["heading", "quote"],
  inline: [escaped, entities, code, font((name) => WECOM_TONES[name.toLowerCase()] ?? "neutral"), wecomMention, webLink, strong],
};

/** Of group webhooks and the smart bot: more shapes, but neither colours nor mentions. */
export const WECOM_V2 = {
  breaks: true,
  blocks: ["fence", "rule", "heading", "bullet", "number", "quote", "table"],
  inline: [escaped, entities, code, picture, webLink, strong, emphasis],
};

/** Plain text of WeCom: links as <a>, and mentions. */
export const WECOM_TEXT = {
  breaks: true,
  blocks: [],
  inline: [[/<a\s+[^>]*?href\s*=\s*['"]([^'"]*)['"][^>]*>([\s\S]*?)<\/a>/i, (m) => link(m[1], plain(m[2]))], wecomMention],
};

/** A line breaks only at a blank line, at two spaces before the end, or at <br>. */
export const DINGTALK = {
  breaks: false,
  blocks: ["heading", "bullet", "number", "quote"],
  inline: [
    escaped, entities, lineBreak, font((name) => (name.startsWith("#") ? "neutral" : tone(name))),
    [/<a\s+atId\s*=\s*['"]?([^\s'">]+)['"]?\s*>([\s\S]*?)<\/a>/i, (m, go, names) => mention(m[1], m[2], names)],
    picture, saying, webLink, strong, emphasis,
  ],
};
