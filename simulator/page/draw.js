// What a bot's message looks like on its platform: one drawer per platform, the same way to call all of them.

import { drawCard, pressables } from "./card.js";
import { drawDingtalk } from "./dingtalk-message.js";
import { isWebAddress } from "./markdown.js";
import { drawWecom } from "./wecom-message.js";

function drawFeishu(type, card, text, handlers) {
  if (type !== "interactive" || !card) return null;
  const places = pressables(card);
  return drawCard(card, { ...handlers, onClick: (element, option) => handlers.onClick?.(places.indexOf(element), option, element.text?.content) });
}

const DRAWERS = { feishu: drawFeishu, wecom: drawWecom, dingtalk: drawDingtalk };

/**
 * The message as a node; null when it is an ordinary text, picture or file.
 *
 * handlers, all optional: onClick(number, option, label) and onSubmit(formName, button, values) of Feishu cards and forms,
 * onPress(key, values, label) of the others, say(text), state, people, imageUrl(key), nameOf(id)
 */
export function drawContent({ platform, face, type, card, text }, handlers = {}) {
  return DRAWERS[platform]?.(type, card, text, { ...handlers, face }) ?? null;
}

/** The title of a card of any platform. */
export function cardTitle(card) {
  return card?.header?.title?.content ?? card?.main_title?.title ?? card?.cardParamMap?.msgTitle ?? card?.cardParamMap?.title
    ?? card?.title ?? card?.articles?.[0]?.title ?? card?.links?.[0]?.title ?? "";
}

/** Where a picture of a card is loaded from: an upload by its key, or an address of this simulator; nothing from elsewhere. */
export function imageUrl(key) {
  if (!isWebAddress(key)) return `/sim/files/${encodeURIComponent(key)}`;
  const url = new URL(key);
  const here = ["127.0.0.1", "localhost"].includes(url.hostname) && url.port === location.port;
  return here ? url.pathname + url.search : "";
}
