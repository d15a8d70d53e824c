// The form component of a DingTalk card: fields described as JSON, drawn with the page's own controls, one submit.

import { drawButton } from "./card-actions.js";
import { drawField, drawForm } from "./card-form.js";
import { h } from "./dom.js";

const NAME = "form";

const options = (field) => (field.options ?? []).map((one) => ({ value: one.value, text: { content: one.text } }));

/** A choice is {index, value}, or the value itself. */
const chosen = (value) => (value && typeof value === "object" && !Array.isArray(value) ? value.value : value);

const TAGS = {
  TEXT: (field) => ({ tag: "input", default_value: field.defaultValue }),
  NUMBER: (field) => ({ tag: "input", default_value: field.defaultValue, inputmode: "decimal" }),
  TEXT_AREA: (field) => ({ tag: "input", input_type: "multiline_text", rows: field.minRows, default_value: field.defaultValue }),
  DATE: (field) => ({ tag: "date_picker", initial_date: field.defaultValue, zone: "" }),
  TIME: (field) => ({ tag: "picker_time", initial_time: field.defaultValue, zone: "" }),
  DATETIME: (field) => ({ tag: "picker_datetime", initial_datetime: field.defaultValue, zone: "" }),
  SELECT: (field) => ({ tag: "select_static", options: options(field), initial_option: chosen(field.defaultValue) }),
  CHECKBOX_GROUP: (field) => ({ tag: "select_static", options: options(field), initial_option: chosen(field.defaultValue) }),
  MULTI_SELECT: (field) => ({ tag: "multi_select_static", options: options(field), selected_values: chosen(field.defaultValue) }),
  MULTI_CHECKBOX_GROUP: (field) => ({ tag: "multi_select_static", options: options(field), selected_values: chosen(field.defaultValue) }),
  CHECKBOX: (field) => ({ tag: "checker", checked: field.defaultValue === true, text: { content: field.label } }),
  SWITCH: (field) => ({ tag: "checker", checked: field.defaultValue === true, text: { content: field.label } }),
};

function element(field, enabled) {
  const label = field.label || field.name;
  return {
    name: field.name, label: { content: label }, placeholder: { content: field.placeholder ?? "" }, required: Boolean(field.required),
    disabled: !enabled || Boolean(field.readOnly), ...TAGS[field.type](field),
  };
}

/** Fields that are hidden or of a kind nobody knows are not drawn; the vendor sends hidden ones by itself. */
export function drawFields(fields, { enabled, button }, outer) {
  const drawn = fields.filter((field) => !field.hidden && TAGS[field.type]).map((field) => element(field, enabled));
  const submit = { tag: "button", name: NAME, text: { content: button }, type: "primary_filled", width: "fill", form_action_type: "submit", disabled: !enabled };
  const ctx = {
    ...outer, form: null, serial: 0, pressables: [submit], nameOf: outer.handlers.nameOf ?? (() => ""),
    draw: (one, inner) => (one.tag === "button" ? drawButton(one, inner) : drawField(one, inner)),
  };
  return h("div", { class: "dt-form" }, drawForm({ name: NAME, elements: [...drawn, submit] }, ctx));
}
