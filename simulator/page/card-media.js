// Pictures and people on a card.

import { boxed, textOf } from "./card-text.js";
import { h } from "./dom.js";
import { initials } from "./format.js";

function picture(key, alt, ctx) {
  const url = key && ctx.handlers.imageUrl?.(key);
  if (!url) return h("div", { class: "card-no-image", role: "img", "aria-label": alt || "图片" }, alt || "图片");
  const img = h("img", { src: url, alt: alt || "图片", loading: "lazy" });
  img.addEventListener("error", () => img.replaceWith(picture("", alt, ctx)));
  return img;
}

export function drawImage(element, ctx) {
  const title = textOf(element.title);
  return boxed(h("figure", { class: "card-image" },
    picture(element.img_key, textOf(element.alt), ctx),
    title && h("figcaption", { class: "note" }, title)), element);
}

export function drawCombination(element, ctx) {
  return boxed(h("div", { class: "card-images" },
    (element.img_list ?? []).map((one) => picture(one.img_key, textOf(one.alt), ctx))), element);
}

export function drawPeople(element, ctx) {
  const ids = element.persons ? element.persons.map((one) => one.id) : [element.user_id];
  const person = (id) => {
    const name = ctx.nameOf(id) || "未知成员";
    return h("span", { class: "card-person" },
      element.show_avatar !== false && h("span", { class: "avatar is-small", "aria-hidden": "true" }, initials(name)),
      element.show_name !== false ? name : h("span", { class: "sr-only" }, name));
  };
  return boxed(h("div", { class: "card-people" }, ids.map(person)), element);
}
