// Draws a Feishu card (JSON 2.0) as an article. Knows nothing of the page around it: what a press means is the handlers' business.
//
//   drawCard(cardJson, handlers) -> HTMLElement
//
// handlers, all optional:
//   onClick(element, option)            a button, menu entry, select, checker or area was used; element is its JSON
//   onSubmit(formName, button, values)  a form was sent; values by field name
//   label                               how the article is named for screen readers, in place of title and state
//   state                               a Map the caller keeps per viewer and message: what was typed survives a redraw
//   imageUrl(key), nameOf(id), people   pictures, names, and the list for person pickers

import { drawActions, drawButton, drawOverflow, pressables } from "./card-actions.js";
import { drawField, drawForm } from "./card-form.js";
import { drawArea, drawColumn, drawColumnSet, drawPanel } from "./card-layout.js";
import { drawChart, drawTable } from "./card-table.js";
import { arranged, drawDiv, drawMarkdownElement, drawPlainText, drawText, textOf } from "./card-text.js";
import { drawCombination, drawImage, drawPeople } from "./card-media.js";
import { frame, objectIn } from "./card-frame.js";
import { tone } from "./markdown.js";
import { h } from "./dom.js";

export { pressables };

const DRAWERS = {
  markdown: drawMarkdownElement,
  div: drawDiv,
  plain_text: drawPlainText,
  lark_md: drawPlainText,
  note: drawNote,
  hr: () => h("hr", { class: "card-hr" }),
  img: drawImage,
  img_combination: drawCombination,
  person: drawPeople,
  person_list: drawPeople,
  avatar: drawPeople,
  column_set: drawColumnSet,
  column: drawColumn,
  collapsible_panel: drawPanel,
  interactive_container: drawArea,
  action: drawActions,
  button: drawButton,
  overflow: drawOverflow,
  form: drawForm,
  input: drawField,
  select_static: drawField,
  multi_select_static: drawField,
  select_person: drawField,
  multi_select_person: drawField,
  date_picker: drawField,
  picker_time: drawField,
  picker_datetime: drawField,
  checker: drawField,
  table: drawTable,
  chart: drawChart,
};

function drawNote(element, ctx) {
  return h("div", { class: "card-note" }, (element.elements ?? []).map((one) => drawText(one, ctx)));
}

function draw(element, ctx) {
  const drawer = DRAWERS[element?.tag];
  if (!drawer) return h("p", { class: "card-unknown" }, `未支持的组件 ${element?.tag ?? "（没有 tag）"}`);
  return drawer(element, ctx);
}

function drawHeader(header, ctx) {
  const tags = (header.text_tag_list ?? []).map((tag) => h("span", { class: `text-tag tone-${tone(tag.color)}` }, textOf(tag.text)));
  const subtitle = textOf(header.subtitle);
  return h("header", { class: `card-header tone-${tone(header.template ?? "default")}` },
    h("div", { class: "card-head-line" },
      h("h3", { class: "card-title" }, drawText(header.title, ctx)),
      tags.length > 0 && h("div", { class: "card-tags" }, tags)),
    subtitle && h("p", { class: "card-subtitle" }, subtitle));
}

function objectOf(header) {
  const more = [header?.subtitle, ...(header?.text_tag_list ?? []).map((tag) => tag.text)].map(textOf);
  return objectIn(textOf(header?.title), ...more);
}

function nameOf(header) {
  const states = (header?.text_tag_list ?? []).map((tag) => textOf(tag.text));
  return [textOf(header?.title) || "卡片", ...states].join("，");
}

export function drawCard(cardJson, handlers = {}) {
  const card = cardJson ?? {};
  const ctx = {
    handlers,
    state: handlers.state ?? new Map(),
    pressables: pressables(card),
    object: objectOf(card.header),
    nameOf: handlers.nameOf ?? (() => ""),
    form: null,
    serial: 0,
    draw: (element, inner) => draw(element, inner ?? ctx),
  };
  const article = frame("feishu", handlers.label ?? nameOf(card.header));
  if (card.header) article.append(drawHeader(card.header, ctx));
  const elements = card.body?.elements ?? card.elements ?? [];
  article.append(arranged(h("div", { class: "card-body" }, elements.map((element) => draw(element, ctx))), card.body ?? {}));
  return article;
}
