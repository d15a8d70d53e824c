// Containers of a card: columns, folded panels and areas that can be pressed as a whole.

import { askFirst, runBehaviors } from "./card-actions.js";
import { arranged, boxed, drawText, textOf } from "./card-text.js";
import { h, icon } from "./dom.js";
import { tone } from "./markdown.js";

const GAPS = { small: "4px", medium: "8px", large: "12px", extra_large: "16px", default: "8px" };

const gap = (value) => GAPS[value] ?? (/^\d{1,2}px$/.test(value ?? "") ? value : "");

function background(node, style) {
  if (!style || style === "default") return;
  const rgba = /^rgba\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*(0|1|0?\.\d+)\s*\)$/;
  if (rgba.test(style)) node.style.backgroundColor = style;
  else node.classList.add(`tone-${tone(style)}`, "tone-back");
}

export function drawColumnSet(element, ctx) {
  const columns = element.columns ?? [];
  const onlyButtons = columns.length > 0 && columns.every((column) =>
    (column.elements ?? []).length > 0 && column.elements.every((one) => ["button", "overflow", "select_static"].includes(one.tag)));
  const node = h("div", { class: ["card-columns", `flex-${element.flex_mode ?? "none"}`, onlyButtons && "is-actions"] },
    columns.map((column) => drawColumn(column, ctx)));
  if (gap(element.horizontal_spacing)) node.style.columnGap = gap(element.horizontal_spacing);
  background(node, element.background_style);
  return boxed(node, element);
}

export function drawColumn(element, ctx) {
  const node = h("div", { class: "card-column" }, (element.elements ?? []).map((one) => ctx.draw(one, ctx)));
  const width = element.width ?? "auto";
  if (width === "weighted") node.style.flex = `${Math.min(Math.max(Number(element.weight) || 1, 1), 5)} 1 0`;
  else if (/^\d{2,3}px$/.test(width)) node.style.flex = `0 0 ${width}`;
  if (["center", "bottom"].includes(element.vertical_align)) node.classList.add(`valign-${element.vertical_align}`);
  if (gap(element.vertical_spacing)) node.style.rowGap = gap(element.vertical_spacing);
  background(node, element.background_style);
  return arranged(node, element);
}

export function drawPanel(element, ctx) {
  const key = `open:${element.element_id ?? (ctx.serial += 1)}`;
  const node = h("details", { class: "card-panel", open: ctx.state.get(key) ?? Boolean(element.expanded) },
    h("summary", {}, h("span", { class: "card-panel-title" }, drawText(element.header?.title, ctx)), icon("chevron")),
    h("div", { class: "card-panel-body" }, (element.elements ?? []).map((one) => ctx.draw(one, ctx))));
  node.addEventListener("toggle", () => ctx.state.set(key, node.open));
  return node;
}

export function drawArea(element, ctx) {
  const acts = (element.behaviors ?? []).length > 0 && !element.disabled;
  const node = h("div", { class: ["card-area", element.has_border && "has-border", acts && "is-pressable"], title: textOf(element.hover_tips) || null },
    (element.elements ?? []).map((one) => ctx.draw(one, ctx)));
  background(node, element.background_style);
  arranged(node, element);
  if (!acts) return node;
  const press = async () => {
    if (await askFirst(element.confirm, node)) runBehaviors(element, ctx);
  };
  const inner = (event) => event.target.closest("button, a, input, select, textarea, summary, dialog") && event.target !== node;
  node.setAttribute("role", "button");
  node.setAttribute("tabindex", "0");
  node.dataset.buttonIndex = ctx.pressables.indexOf(element);
  node.addEventListener("click", (event) => !inner(event) && press());
  node.addEventListener("keydown", (event) => {
    if (event.target !== node || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    press();
  });
  return node;
}
