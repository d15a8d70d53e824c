// The inputs a card can ask with, each as {node, read, write, reset, focus, mark}; `wire` is the value in the form it is sent,
// dates with the zone Feishu writes behind them unless the field says another `zone`.

import { drawText, textOf } from "./card-text.js";
import { h } from "./dom.js";

export const isEmpty = (value) => value === "" || value === undefined || (Array.isArray(value) && value.length === 0);

const ZONE = " +0800";

export const CONTROLS = {
  input: textControl,
  select_static: (element, ctx, id) => selectControl(element, id, optionsOf(element)),
  select_person: (element, ctx, id) => selectControl(element, id, peopleOf(element, ctx)),
  multi_select_static: (element, ctx, id) => manyControl(element, id, optionsOf(element)),
  multi_select_person: (element, ctx, id) => manyControl(element, id, peopleOf(element, ctx)),
  date_picker: (element, ctx, id) => dateControl(element, id, "date", element.initial_date),
  picker_time: (element, ctx, id) => dateControl(element, id, "time", element.initial_time),
  picker_datetime: (element, ctx, id) => dateControl(element, id, "datetime-local", element.initial_datetime?.replace(" ", "T")),
  checker: checkerControl,
};

const optionsOf = (element) => (element.options ?? []).map((one) => ({ value: String(one.value), text: textOf(one.text) }));

function peopleOf(element, ctx) {
  if (element.options?.length) {
    return element.options.map(({ value }) => ({ value: String(value), text: ctx.nameOf(value) || String(value) }));
  }
  return (ctx.handlers.people ?? []).map((one) => ({ value: one.open_id, text: one.name }));
}

/** One native control, given how its value is read and written. */
function single(node, initial, extra = {}) {
  node.value = initial;
  return {
    node,
    read: () => node.value,
    write: (value) => { node.value = value; },
    reset: () => { node.value = initial; },
    focus: () => node.focus(),
    mark: (on, errorId) => markInvalid(node, on, errorId),
    ...extra,
  };
}

function markInvalid(node, on, errorId) {
  if (on) {
    node.setAttribute("aria-invalid", "true");
    node.setAttribute("aria-describedby", errorId);
  } else {
    node.removeAttribute("aria-invalid");
    node.removeAttribute("aria-describedby");
  }
}

function textControl(element, ctx, id) {
  const many = element.input_type === "multiline_text";
  const node = h(many ? "textarea" : "input", {
    id, name: element.name, class: "card-control", placeholder: textOf(element.placeholder) || null,
    maxlength: element.max_length ?? null, disabled: Boolean(element.disabled), required: Boolean(element.required),
    ...(many ? { rows: Math.min(element.rows ?? 3, 6) } : { type: element.input_type === "password" ? "password" : "text", inputmode: element.inputmode ?? null, autocomplete: "off" }),
  });
  return single(node, String(element.default_value ?? ""), { sendsEmpty: true });
}

function initialOption(element, options) {
  if (element.initial_option !== undefined) return String(element.initial_option);
  if (element.initial_index) return options[element.initial_index - 1]?.value ?? "";
  return "";
}

function selectControl(element, id, options) {
  const node = h("select", { id, name: element.name, class: "card-control", disabled: Boolean(element.disabled), required: Boolean(element.required) },
    h("option", { value: "" }, textOf(element.placeholder) || "请选择"),
    options.map((one) => h("option", { value: one.value }, one.text)));
  return single(node, initialOption(element, options));
}

function dateControl(element, id, type, initial) {
  const node = h("input", { id, name: element.name, type, class: "card-control", disabled: Boolean(element.disabled), required: Boolean(element.required) });
  return single(node, initial ?? "", { wire: () => (node.value ? node.value.replace("T", " ") + (element.zone ?? ZONE) : "") });
}

/** Several of a few: ticks in a list that scrolls when it is long. */
function manyControl(element, id, options) {
  const initial = (element.selected_values ?? []).map(String);
  const boxes = options.map((one) => h("input", { type: "checkbox", value: one.value, disabled: Boolean(element.disabled) }));
  const node = h("div", { class: "card-many", role: "group", "aria-labelledby": `${id}-label` },
    options.map((one, index) => h("label", { class: "card-choice" }, boxes[index], h("span", {}, one.text))));
  const write = (values) => boxes.forEach((box) => { box.checked = values.includes(box.value); });
  write(initial);
  return {
    node,
    group: true,
    read: () => boxes.filter((box) => box.checked).map((box) => box.value),
    write,
    reset: () => write(initial),
    focus: () => boxes[0]?.focus(),
    mark: (on, errorId) => markInvalid(node, on, errorId),
  };
}

function checkerControl(element, ctx) {
  const box = h("input", { type: "checkbox", name: element.name, disabled: Boolean(element.disabled) });
  const initial = Boolean(element.checked);
  box.checked = initial;
  const strikes = element.checked_style?.show_strikethrough;
  const node = h("label", { class: ["card-choice", strikes && "strikes"] }, box, h("span", {}, drawText(element.text, ctx)));
  return {
    node,
    labelled: true,
    read: () => box.checked,
    write: (value) => { box.checked = Boolean(value); },
    reset: () => { box.checked = initial; },
    focus: () => box.focus(),
    mark: (on, errorId) => markInvalid(box, on, errorId),
  };
}
