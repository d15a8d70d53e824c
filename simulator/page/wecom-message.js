// WeCom's messages without buttons: markdown, text cards and news.

import { frame, picture } from "./card-frame.js";
import { h } from "./dom.js";
import { WECOM, WECOM_TEXT, WECOM_V2 } from "./markdown-dialects.js";
import { drawMarkdown, isWebAddress } from "./markdown.js";
import { cut, drawTemplateCard } from "./wecom-card.js";

const names = (handlers) => Object.assign((id) => handlers.nameOf?.(id) ?? "", { image: (key, alt) => picture(key, alt, handlers) });

const TEXT_CARD_PART = /<div\s+class\s*=\s*["'](gray|highlight|normal)["']\s*>([\s\S]*?)<\/div>|<br\s*\/?>|\n/gi;

/** Division and line break are the only markup of a text card; the words inside are plain. */
function textCardLines(description) {
  const text = String(description ?? "");
  const lines = [];
  const line = (words, kind) => words && lines.push(h("p", { class: kind ? `wc-${kind.toLowerCase()}` : null }, words));
  let at = 0;
  for (const found of text.matchAll(TEXT_CARD_PART)) {
    line(text.slice(at, found.index));
    line(found[2], found[1]);
    at = found.index + found[0].length;
  }
  line(text.slice(at));
  return lines;
}

function drawTextCard(card) {
  const open = isWebAddress(card.url) && h("a", { class: "wc-open", href: card.url, target: "_blank", rel: "noopener noreferrer" }, cut(card.btntxt || "详情", 4), h("span", { "aria-hidden": "true" }, "›"));
  return frame("wecom", card.title, h("div", { class: "card-body" }, h("h3", { class: "card-title" }, card.title), textCardLines(card.description)), open);
}

function drawArticle(article, large, handlers) {
  const body = [article.picurl && picture(article.picurl, article.title, handlers),
    h("div", { class: "wc-article-words" }, h("h3", { class: "card-title" }, article.title), large && article.description && h("p", { class: "wc-desc plain" }, article.description))];
  const kind = ["wc-article", large && "is-large"];
  return isWebAddress(article.url) ? h("a", { class: kind, href: article.url, target: "_blank", rel: "noopener noreferrer" }, body) : h("div", { class: kind }, body);
}

function drawNews(news, handlers) {
  const articles = news.articles ?? [];
  return frame("wecom", articles[0]?.title ?? "图文", articles.map((one) => drawArticle(one, articles.length === 1, handlers)));
}

/** A bot's message of this kind, or null when it is none of WeCom's own. */
export function drawWecom(type, card, text, handlers) {
  switch (type) {
    case "template_card": return drawTemplateCard(card, handlers);
    case "textcard": return drawTextCard(card ?? {});
    case "news": return drawNews(card ?? {}, handlers);
    case "markdown": return h("div", { class: "bubble is-markdown" }, drawMarkdown(text, names(handlers), WECOM));
    case "markdown_v2": return h("div", { class: "bubble is-markdown" }, drawMarkdown(text, names(handlers), WECOM_V2));
    case "text": return h("div", { class: "bubble is-markdown" }, drawMarkdown(text, names(handlers), WECOM_TEXT));
    default: return null;
  }
}
