// Pictures and people on a card.

import { boxed, textOf } from "./card-text.js";
import { picture } from "./card-frame.js";
import { h } from "./dom.js";
import { initials } from "./format.js";

export function drawImage(element, ctx) {
  const title = textOf(element.title);
  return boxed(h("figure", { class: "card-image" },
    picture(element.img_key, textOf(element.alt), ctx.handlers),
    title && h("figcaption", { class: "note" }, title)), element);
}

export function drawCombination(element, ctx) {
  return boxed(h("div", { class: "card-images" },
    (element.img_list ?? []).map((one) => picture(one.img_key, textOf(one.alt), ctx.handlers))), element);
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
