// Words on a card: plain_text is never markup, lark_md and markdown go through the small renderer.

import { drawMarkdown, tone } from "./markdown.js";
import { h } from "./dom.js";

const SIZES = {
  "heading-0": "headline", "xxxx-large": "headline", "heading-1": "large", "xxx-large": "large",
  "heading-2": "big", "xx-large": "big", "heading-3": "title", "x-large": "title",
  "heading-4": "title", heading: "title", large: "title", normal: "body", medium: "body",
  notation: "note", small: "note", "x-small": "note",
};

/** The words of a text object or of a bare string. */
export function textOf(text) {
  if (text === undefined || text === null) return "";
  if (typeof text === "object") return String(text.content ?? "");
  return String(text);
}

/** A text object: {tag: plain_text | lark_md | markdown, content, text_size, text_color, text_align, lines}. */
export function drawText(text, ctx) {
  const content = textOf(text);
  if (text?.tag === "lark_md" || text?.tag === "markdown") return styled(drawMarkdown(content, ctx.nameOf), text);
  return styled(h("span", { class: "plain" }, content), text);
}

function styled(node, text) {
  if (!text || typeof text !== "object") return node;
  const size = SIZES[text.text_size];
  if (size) node.classList.add(`size-${size}`);
  if (["center", "right"].includes(text.text_align)) node.classList.add(`align-${text.text_align}`);
  if (text.text_color) node.classList.add(`tone-${tone(text.text_color)}`, "tone-text");
  if (Number.isInteger(text.lines) && text.lines > 0) {
    node.classList.add("clamped");
    node.style.setProperty("-webkit-line-clamp", String(text.lines));
  }
  return node;
}

export const drawPlainText = (element, ctx) => h("div", { class: "card-text" }, drawText(element, ctx));

export function drawMarkdownElement(element, ctx) {
  return boxed(h("div", { class: "card-text" }, drawText({ ...element, tag: "markdown" }, ctx)), element);
}

export function drawDiv(element, ctx) {
  const fields = (element.fields ?? []).map((field) =>
    h("div", { class: ["card-field", field.is_short && "is-short"] }, drawText(field.text, ctx)));
  return boxed(h("div", { class: "card-text" },
    element.text && drawText(element.text, ctx),
    fields.length > 0 && h("div", { class: "card-fields" }, fields)), element);
}

const LENGTHS = /^(-?\d{1,2}px)( -?\d{1,2}px){0,3}$/;

const SIDES = { left: "flex-start", center: "center", right: "flex-end" };

/** A container's direction and alignment. */
export function arranged(node, element) {
  if (element.direction === "horizontal") node.classList.add("is-horizontal");
  if (SIDES[element.horizontal_align]) node.style[element.direction === "horizontal" ? "justifyContent" : "alignItems"] = SIDES[element.horizontal_align];
  return boxed(node, element);
}

/** Margin and padding as the card asks, when they are lengths the format allows. */
export function boxed(node, element) {
  if (LENGTHS.test(element.margin ?? "")) node.style.margin = element.margin;
  if (LENGTHS.test(element.padding ?? "")) node.style.padding = element.padding;
  return node;
}
