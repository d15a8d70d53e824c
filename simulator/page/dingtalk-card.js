// Draws a DingTalk card of the shared templates and of the form template: bold title, one markdown body, buttons two in a row.
//
//   drawDingtalkCard({cardTemplateId, cardParamMap}, handlers) -> HTMLElement
//
// handlers, all optional: onPress(button, values, label), onSubmit(formName, button, values), state, imageUrl(key), nameOf(id), say(text)

import { frame, objectIn, picture, pressName, whileBusy } from "./card-frame.js";
import { drawFields } from "./dingtalk-form.js";
import { h } from "./dom.js";
import { DINGTALK } from "./markdown-dialects.js";
import { drawMarkdown, isWebAddress } from "./markdown.js";

const COLORS = { blue: "is-primary_filled", gray: "is-default", red: "is-danger" };
const STATUSES = { 1: "处理中", 2: "输入中", 3: "", 4: "执行中", 5: "失败" };
const ORDER = ["msgTitle", "msgContent", "staticMsgContent", "msgButtons"];
const CARD_STATUSES = { done: "已完成", expired: "已失效" };

/** Variables hold JSON as text; what cannot be read is nothing. */
function read(text, otherwise) {
  try {
    return JSON.parse(text || "null") ?? otherwise;
  } catch {
    return otherwise;
  }
}

export const names = (handlers) => Object.assign((id) => handlers.nameOf?.(id) ?? "", {
  image: (key, alt) => picture(key, alt, handlers),
  say: handlers.say,
});

const markdown = (text, handlers) => text && drawMarkdown(text, names(handlers), DINGTALK);

function drawButton(one, index, ctx) {
  const text = String(one.text ?? "");
  const look = ["card-button", COLORS[one.color] ?? COLORS.gray];
  const url = one.url || one.iosUrl;
  if (!one.calls) {
    return isWebAddress(url)
      ? h("a", { class: look, href: url, target: "_blank", rel: "noopener noreferrer", "aria-label": pressName(text, ctx.object, true) }, text, h("span", { "aria-hidden": "true" }, "↗"))
      : h("button", { type: "button", class: look, disabled: true }, text);
  }
  const button = h("button", { type: "button", class: look, "data-button-index": index, "aria-label": pressName(text, ctx.object) }, text);
  button.addEventListener("click", () => button.getAttribute("aria-busy") !== "true"
    && whileBusy(button, async () => ctx.handlers.onPress?.(one.id || text, {}, text)));
  return button;
}

const drawButtons = (list, ctx) => list.length > 0 && h("div", { class: "dt-buttons" }, list.map((one, index) => drawButton(one, index, ctx)));

const rows = (value) => (Array.isArray(value) ? value.filter((one) => one && typeof one === "object") : []);

/** The shared AI template: what is shown, and in which order, is a variable of its own. */
function aiParts(data, ctx) {
  if (!(data.flowStatus in STATUSES)) return null;
  const whole = read(data.sys_full_json_obj, {});
  const buttons = rows(whole.msgButtons).map((one) => ({ ...one, calls: one.request === true }));
  const parts = {
    msgTitle: () => data.msgTitle && h("h3", { class: "card-title" }, data.logo && picture(data.logo, "", ctx.handlers), data.msgTitle),
    msgContent: () => markdown(data.msgContent, ctx.handlers),
    staticMsgContent: () => markdown(data.staticMsgContent, ctx.handlers),
    msgButtons: () => drawButtons(buttons, ctx),
  };
  const state = STATUSES[data.flowStatus];
  const order = Array.isArray(whole.order) ? whole.order : ORDER;
  return [...order.map((name) => parts[name]?.()), state && h("p", { class: "note" }, state)];
}

function markdownParts(data, ctx) {
  const buttons = rows(read(data.sys_full_json_obj, {}).msgButtons).map((one) => ({ ...one, calls: one.request === true }));
  return [data.title && h("h3", { class: "card-title" }, data.title), markdown(data.markdown, ctx.handlers), data.tips && h("p", { class: "note" }, data.tips), drawButtons(buttons, ctx)];
}

function formParts(data, ctx) {
  const fields = rows(read(data.form, {}).fields);
  const buttons = data.buttons_visible === "false" ? [] : rows(read(data.buttons, [])).map((one) => ({ ...one, id: one.action, calls: !one.url }));
  const state = CARD_STATUSES[data.card_status];
  return [
    data.title && h("h3", { class: "card-title" }, data.title, state && h("span", { class: "note" }, ` · ${state}`)),
    markdown(data.body, ctx.handlers),
    fields.length > 0 && drawFields(fields, { enabled: (data.form_status || "normal") === "normal", button: data.form_btn_text || "提交" }, ctx),
    drawButtons(buttons, ctx),
  ];
}

function partsOf(data, ctx) {
  if ("form" in data || "form_status" in data) return formParts(data, ctx);
  if ("markdown" in data) return markdownParts(data, ctx);
  return aiParts(data, ctx);
}

export function drawDingtalkCard(card, handlers = {}) {
  const data = card?.cardParamMap ?? {};
  const title = data.msgTitle ?? data.title ?? "卡片";
  const ctx = { handlers, state: handlers.state ?? new Map(), object: objectIn(title) };
  const parts = partsOf(data, ctx);
  return frame("dingtalk", handlers.label ?? title, h("div", { class: "card-body" }, parts ?? h("p", { class: "card-unknown" }, "空卡片（flowStatus 没有给）")));
}
