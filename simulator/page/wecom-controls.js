// What can be chosen and pressed on a WeCom template card. The first option of a list counts as chosen when nobody touches it.

import { pressName, whileBusy } from "./card-frame.js";
import { h, icon } from "./dom.js";
import { isWebAddress } from "./markdown.js";

const STYLES = { 1: "is-primary_filled", 2: "is-default", 3: "is-danger", 4: "is-default" };
const INTERACTIVE = ["button_interaction", "vote_interaction", "multiple_interaction"];

/** A dropdown; what it holds is kept under its question. */
function drawSelect(question, ctx) {
  const id = `wc-${crypto.randomUUID()}`;
  const options = (question.option_list ?? []).slice(0, 10);
  const preset = options.some((one) => one.id === question.selected_id) ? question.selected_id : options[0]?.id ?? "";
  const node = h("select", { id, name: question.question_key, class: "card-control", disabled: Boolean(question.disable || ctx.over) },
    options.map((one) => h("option", { value: one.id }, ctx.cut(one.text, ctx.lengths.option))));
  node.value = ctx.state.get(`wc:${question.question_key}`) ?? preset;
  node.addEventListener("change", () => ctx.state.set(`wc:${question.question_key}`, node.value));
  ctx.values.push([question.question_key, () => node.value]);
  return h("div", { class: "card-input" }, h("label", { class: "card-label", for: id }, question.title || "选一项"), node);
}

/** One of a list, or several with mode 1. */
function drawTicks(box, ctx) {
  const type = box.mode === 1 ? "checkbox" : "radio";
  const name = `wc-${crypto.randomUUID()}`;
  const kept = ctx.state.get(`wc:${box.question_key}`);
  const inputs = (box.option_list ?? []).slice(0, 20).map((one) => {
    const input = h("input", { type, name, value: one.id, disabled: Boolean(box.disable || ctx.over) });
    input.checked = kept ? kept.includes(one.id) : Boolean(one.is_checked);
    return { input, text: one.text };
  });
  const read = () => inputs.filter(({ input }) => input.checked).map(({ input }) => input.value);
  ctx.values.push([box.question_key, read]);
  const node = h("fieldset", { class: "wc-ticks" }, h("legend", { class: "sr-only" }, "可选的"),
    inputs.map(({ input, text }) => h("label", { class: "card-choice" }, input, h("span", {}, ctx.cut(text, ctx.lengths.tick)))));
  node.addEventListener("change", () => ctx.state.set(`wc:${box.question_key}`, read()));
  return node;
}

/** The dropdown of a button card, the ticks of a vote card, the dropdowns of a multiple card. */
export function drawChoices(card, ctx) {
  ctx.values = [];
  ctx.over = Boolean(card.replace_text);
  return [
    card.checkbox && drawTicks(card.checkbox, ctx),
    (card.select_list ?? []).slice(0, 3).map((one) => drawSelect(one, ctx)),
    card.button_selection && drawSelect(card.button_selection, ctx),
  ];
}

function drawPress(text, key, style, index, ctx) {
  const shown = ctx.cut(text, ctx.lengths.button);
  const button = h("button", { type: "button", class: ["card-button is-wide", style], "data-button-index": index, "aria-label": pressName(shown, ctx.object) }, shown);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-busy") === "true") return;
    const values = Object.fromEntries(ctx.values.map(([question, read]) => [question, read()]));
    whileBusy(button, async () => ctx.handlers.onPress?.(key, values, shown));
  });
  return button;
}

function drawButton(one, index, ctx) {
  const text = ctx.cut(one.text, ctx.lengths.button);
  const style = STYLES[one.style ?? 1] ?? STYLES[1];
  if (one.type !== 1) return drawPress(one.text, one.key, style, index, ctx);
  if (!isWebAddress(one.url)) return h("button", { type: "button", class: ["card-button is-wide", style], disabled: true }, text);
  return h("a", { class: ["card-button is-wide", style], href: one.url, target: "_blank", rel: "noopener noreferrer", "aria-label": pressName(text, ctx.object, true) },
    text, h("span", { "aria-hidden": "true" }, "↗"));
}

/** Buttons under each other; once replaced, one grey word stands there and nothing can be pressed. */
export function drawButtons(card, ctx) {
  if (!INTERACTIVE.includes(card.card_type)) return null;
  if (card.replace_text) return h("div", { class: "wc-buttons" }, h("button", { type: "button", class: "card-button is-wide is-replaced", disabled: true }, ctx.cut(card.replace_text, ctx.lengths.button)));
  const submit = card.submit_button;
  const buttons = [
    submit?.text && drawPress(submit.text, submit.key, STYLES[1], 0, ctx),
    ...(card.button_list ?? []).slice(0, 6).map((one, index) => drawButton(one, index, ctx)),
  ].filter(Boolean);
  return buttons.length > 0 && h("div", { class: "wc-buttons" }, buttons);
}

/** The menu in the corner of a card. */
export function drawActionMenu(menu, ctx) {
  const list = h("div", { class: "card-menu", role: "menu", hidden: true });
  const opener = h("button", { type: "button", class: "card-button is-more", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": pressName(menu.desc || "更多", ctx.object) }, icon("more"));
  const toggle = (open) => {
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) list.firstElementChild?.focus({ preventScroll: true });
  };
  list.append(...(menu.action_list ?? []).slice(0, 3).map((one) => h("button", {
    type: "button", role: "menuitem", class: "card-menu-item",
    on: { click: () => { toggle(false); opener.focus(); ctx.handlers.onPress?.(one.key, {}, one.text); } },
  }, one.text)));
  opener.addEventListener("click", () => toggle(list.hidden));
  const node = h("div", { class: "card-overflow" }, opener, list);
  node.addEventListener("focusout", (event) => !node.contains(event.relatedTarget) && toggle(false));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || list.hidden) return;
    event.stopPropagation();
    toggle(false);
    opener.focus();
  });
  return node;
}
