// Draws a WeCom template card: no coloured bar, a small source line on top, rows of name and value, buttons under each other.
//
//   drawTemplateCard(card, handlers) -> HTMLElement
//
// handlers, all optional: onPress(key, values, label), state (a Map kept per viewer and message), face ("app" or "bot"),
// imageUrl(key), nameOf(userid), say(text)

import { frame, objectIn, picture } from "./card-frame.js";
import { drawActionMenu, drawButtons, drawChoices } from "./wecom-controls.js";
import { h } from "./dom.js";
import { isWebAddress } from "./markdown.js";

/** How many characters a client shows; what is over it is cut. */
const LENGTHS = {
  app: { source: 20, title: 36, desc: 44, longDesc: 160, big: 14, bigDesc: 22, sub: 160, key: 5, value: 30, item: 38, itemDesc: 160, jump: 18, button: 10, option: 16, tick: 17 },
  bot: { source: 13, title: 26, desc: 30, longDesc: 30, big: 10, bigDesc: 15, sub: 112, key: 5, value: 26, item: 26, itemDesc: 112, jump: 13, button: 10, option: 10, tick: 11 },
};

const SOURCE_TONES = ["is-grey", "is-black", "is-red", "is-green"];
const LONG_DESC = ["vote_interaction", "multiple_interaction"];

export function cut(text, length) {
  const characters = Array.from(String(text ?? ""));
  return characters.length > length ? `${characters.slice(0, length - 1).join("")}…` : characters.join("");
}

/** Something that opens an address, asks the bot a question, or only stands there. */
function linking(part, children, className, ctx) {
  if (part.type === 1 && isWebAddress(part.url)) {
    return h("a", { class: className, href: part.url, target: "_blank", rel: "noopener noreferrer" }, children);
  }
  if (part.type === 3 && part.question && ctx.handlers.say) {
    return h("button", { type: "button", class: className, on: { click: () => ctx.handlers.say(part.question) } }, children);
  }
  return h("div", { class: className }, children);
}

function drawSource(card, ctx) {
  const source = card.source ?? {};
  const desc = cut(source.desc, ctx.lengths.source);
  const menu = card.action_menu && drawActionMenu(card.action_menu, ctx);
  if (!desc && !menu) return null;
  return h("div", { class: "wc-top" }, h("p", { class: ["wc-source", SOURCE_TONES[source.desc_color] ?? "is-grey"] }, desc), menu);
}

/** A tap anywhere on a card with an address opens it: the link of its title covers the card. */
function wholeCard(card, words) {
  const { type, url } = card.card_action ?? {};
  return type === 1 && isWebAddress(url) ? h("a", { class: "wc-whole", href: url, target: "_blank", rel: "noopener noreferrer" }, words) : words;
}

function drawTitle(card, ctx) {
  const { title, desc } = card.main_title ?? {};
  const long = LONG_DESC.includes(card.card_type) ? ctx.lengths.longDesc : ctx.lengths.desc;
  return [title && h("h3", { class: "card-title" }, wholeCard(card, cut(title, ctx.lengths.title))), desc && h("p", { class: "wc-desc" }, cut(desc, long))];
}

function drawText(card, ctx) {
  const words = cut(card.sub_title_text, ctx.lengths.sub);
  return words && h("p", { class: "plain" }, card.main_title?.title ? words : wholeCard(card, words));
}

function drawQuote(quote, ctx) {
  if (!quote) return null;
  return linking(quote, [quote.title && h("strong", {}, quote.title), h("span", { class: "plain" }, quote.quote_text)], "wc-quote", ctx);
}

function drawEmphasis(big, ctx) {
  if (!big) return null;
  return h("div", { class: "wc-big" }, h("p", { class: "size-headline" }, cut(big.title, ctx.lengths.big)), big.desc && h("p", { class: "note" }, cut(big.desc, ctx.lengths.bigDesc)));
}

function drawPicture(card, ctx) {
  const area = card.image_text_area;
  return [
    card.card_image?.url && h("div", { class: "card-image" }, picture(card.card_image.url, card.main_title?.title, ctx.handlers)),
    area && linking(area, [picture(area.image_url, area.title, ctx.handlers), h("div", {}, h("strong", {}, area.title), h("p", { class: "wc-desc" }, area.desc))], "wc-image-text", ctx),
  ];
}

function drawItems(items, ctx) {
  return (items ?? []).slice(0, 4).map((one) => h("div", {}, h("h4", { class: "wc-item" }, cut(one.title, ctx.lengths.item)), h("p", { class: "wc-desc plain" }, cut(one.desc, ctx.lengths.itemDesc))));
}

function drawRow(row, ctx) {
  const value = row.type === 3 ? ctx.handlers.nameOf?.(row.userid) || row.value : row.value;
  const shown = cut(value, ctx.lengths.value);
  const linked = row.type === 1 && isWebAddress(row.url)
    ? h("a", { href: row.url, target: "_blank", rel: "noopener noreferrer" }, shown)
    : h("span", { class: row.type ? "wc-linked" : null }, shown);
  return h("div", { class: "wc-row" }, h("dt", {}, cut(row.keyname, ctx.lengths.key)), h("dd", { title: value }, linked));
}

function drawRows(rows, ctx) {
  const shown = (rows ?? []).slice(0, 6);
  return shown.length > 0 && h("dl", { class: "wc-rows" }, shown.map((row) => drawRow(row, ctx)));
}

function drawJumps(jumps, ctx) {
  return (jumps ?? []).slice(0, 3).map((jump) => linking(jump, [h("span", {}, cut(jump.title, ctx.lengths.jump)), h("span", { "aria-hidden": "true" }, "›")], "wc-jump", ctx));
}

export function drawTemplateCard(cardJson, handlers = {}) {
  const card = cardJson ?? {};
  const title = card.main_title?.title ?? card.sub_title_text ?? "卡片";
  const ctx = {
    handlers,
    state: handlers.state ?? new Map(),
    lengths: LENGTHS[handlers.face] ?? LENGTHS.app,
    object: objectIn(title, card.main_title?.desc, card.source?.desc),
    cut,
  };
  return frame("wecom", handlers.label ?? [title, card.source?.desc].filter(Boolean).join("，"),
    h("div", { class: "card-body" },
      drawSource(card, ctx), drawTitle(card, ctx), drawQuote(card.quote_area, ctx), drawEmphasis(card.emphasis_content, ctx),
      drawPicture(card, ctx), drawText(card, ctx),
      drawItems(card.vertical_content_list, ctx), drawRows(card.horizontal_content_list, ctx), drawChoices(card, ctx)),
    drawJumps(card.jump_list, ctx), drawButtons(card, ctx));
}
