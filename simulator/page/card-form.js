// Forms of a card. What is filled in stays with this viewer (in the caller's Map) until it is sent; `required` is checked before.

import { runBehaviors } from "./card-actions.js";
import { CONTROLS, isEmpty } from "./card-controls.js";
import { arranged, boxed, drawText, textOf } from "./card-text.js";
import { h } from "./dom.js";

export function drawForm(element, ctx) {
  const fields = [];
  const form = {
    name: element.name ?? "",
    fields,
    values: () => Object.fromEntries(fields.filter((field) => field.sends()).map((field) => [field.name, field.read()])),
    reset: () => fields.forEach((field) => field.reset()),
    check() {
      const missing = fields.filter((field) => !field.check());
      missing[0]?.focus();
      return missing.length === 0;
    },
  };
  const inner = { ...ctx, form };
  const node = h("form", { class: "card-form", novalidate: true },
    (element.elements ?? []).map((one) => ctx.draw(one, inner)));
  node.addEventListener("submit", (event) => event.preventDefault());
  return arranged(node, element);
}

/** The words above a field: its label, else its placeholder, else its name. */
const labelOf = (element) => textOf(element.label) || textOf(element.placeholder) || element.name || "";

export function drawField(element, ctx) {
  const id = `field-${crypto.randomUUID()}`;
  const key = `field:${ctx.form?.name ?? ""}.${element.name ?? element.element_id ?? (ctx.serial += 1)}`;
  const control = CONTROLS[element.tag](element, ctx, id);
  const required = Boolean(element.required && ctx.form);

  if (ctx.state.has(key)) control.write(ctx.state.get(key));
  const remember = () => ctx.state.set(key, control.read());

  const error = h("p", { class: "card-field-error", id: `${id}-error`, hidden: true });
  const showError = (text) => {
    error.textContent = text;
    error.hidden = !text;
    control.mark(Boolean(text), `${id}-error`);
  };
  control.node.addEventListener("input", () => {
    remember();
    showError("");
  });

  if (ctx.form) {
    ctx.form.fields.push({
      name: element.name ?? "",
      read: control.wire ?? control.read,
      sends: () => control.sendsEmpty || control.read() !== "",
      focus: control.focus,
      check() {
        const missing = required && isEmpty(control.read());
        showError(missing ? `「${labelOf(element)}」还空着` : "");
        return !missing;
      },
      reset() {
        control.reset();
        ctx.state.delete(key);
        showError("");
      },
    });
  } else {
    sendAlone(element, ctx, control, () => ctx.state.delete(key));
  }
  const box = fieldBox(element, ctx, control, { id, required, error });
  for (const button of element.button_area?.buttons ?? []) box.append(ctx.draw(button, ctx));
  return boxed(box, element);
}

function fieldBox(element, ctx, control, { id, required, error }) {
  if (control.labelled) return h("div", { class: "card-input" }, control.node, error);
  const inside = ["select_static", "select_person"].includes(element.tag) && !element.label;
  if (inside) { // its own first row says what it is for
    control.node.setAttribute("aria-label", [labelOf(element), !ctx.form && ctx.object].filter(Boolean).join(" "));
    return h("div", { class: "card-input" }, control.node, error);
  }
  const mark = required && h("span", { class: "card-required", "aria-hidden": "true" }, "*");
  const words = [element.label ? drawText(element.label, ctx) : labelOf(element), mark];
  const label = control.group
    ? h("p", { class: "card-label", id: `${id}-label` }, words)
    : h("label", { class: "card-label", for: id }, words);
  return h("div", { class: ["card-input", element.label_position === "left" && "label-left"] }, label, control.node, error);
}

/** A field outside a form reports by itself: text on Enter, everything else on change; a list can then be picked from again. */
function sendAlone(element, ctx, control, forget) {
  const report = () => runBehaviors(element, ctx, (control.wire ?? control.read)());
  const pickOnce = async () => {
    if (control.read() === "") return;
    await report();
    control.reset();
    forget();
  };
  if (element.tag === "input") {
    control.node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      report();
    });
  } else if ((element.behaviors ?? []).length > 0 || element.value !== undefined) {
    control.node.addEventListener("change", element.tag.startsWith("select_") ? pickOnce : report);
  }
}
