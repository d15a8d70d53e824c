// DingTalk's messages without callbacks: markdown, ActionCards, links.

import { frame, picture, pressName } from "./card-frame.js";
import { drawDingtalkCard, names } from "./dingtalk-card.js";
import { h } from "./dom.js";
import { DINGTALK } from "./markdown-dialects.js";
import { drawMarkdown, isWebAddress } from "./markdown.js";

const opening = (url, className, ...children) => (isWebAddress(url)
  ? h("a", { class: className, href: url, target: "_blank", rel: "noopener noreferrer" }, ...children)
  : h("div", { class: className }, ...children));

/** The title of an ActionCard is for the chat list; the card shows its text and its link buttons. */
function drawActionCard(card, handlers) {
  const single = card.singleTitle ? [{ title: card.singleTitle, actionURL: card.singleURL }] : [];
  const buttons = [...single, ...(card.btns ?? [])].map((one) => (isWebAddress(one.actionURL)
    ? h("a", { class: "card-button", href: one.actionURL, target: "_blank", rel: "noopener noreferrer", "aria-label": pressName(one.title, card.title, true) }, one.title, h("span", { "aria-hidden": "true" }, "↗"))
    : h("button", { type: "button", class: "card-button", disabled: true }, one.title)));
  return frame("dingtalk", card.title, h("div", { class: "card-body" }, drawMarkdown(card.text, names(handlers), DINGTALK)),
    buttons.length > 0 && h("div", { class: ["dt-buttons", card.btnOrientation !== "1" && "is-stacked"] }, buttons));
}

function drawLink(card, handlers) {
  return frame("dingtalk", card.title, opening(card.messageUrl, "dt-link",
    h("div", {}, h("h3", { class: "card-title" }, card.title), h("p", { class: "note plain" }, card.text)), card.picUrl && picture(card.picUrl, "", handlers)));
}

function drawFeed(card, handlers) {
  const links = card.links ?? [];
  return frame("dingtalk", links[0]?.title ?? "链接", links.map((one) => opening(one.messageURL, "dt-link", h("h3", { class: "card-title" }, one.title), one.picURL && picture(one.picURL, "", handlers))));
}

/** A bot's message of this kind, or null when it is none of DingTalk's own. */
export function drawDingtalk(type, card, text, handlers) {
  switch (type) {
    case "card": return drawDingtalkCard(card, handlers);
    case "actionCard": return drawActionCard(card ?? {}, handlers);
    case "link": return drawLink(card ?? {}, handlers);
    case "feedCard": return drawFeed(card ?? {}, handlers);
    case "markdown": return h("div", { class: "bubble is-markdown" }, drawMarkdown(text, names(handlers), DINGTALK));
    default: return null;
  }
}
