// Buttons and menus of a card: their looks, the question before, and what a press sets off.

import { pressName, whileBusy } from "./card-frame.js";
import { confirmDialog, h, icon } from "./dom.js";
import { isWebAddress } from "./markdown.js";
import { boxed, textOf } from "./card-text.js";

const FIELDS = new Set(["input", "select_static", "multi_select_static", "select_person", "multi_select_person", "date_picker", "picker_time",
  "picker_datetime", "select_img", "checker"]);
const PRESSABLE = new Set(["button", "overflow", "interactive_container"]);
const NO_ELEMENTS = new Set(["value", "behaviors", "chart_spec", "rows"]);

/**
 * Everything one press is enough for, in document order: buttons, menus, areas, and fields that stand outside a form.
 * An element's place in this list is its `data-button-index`, and how the simulator is told which one was used.
 */
export function pressables(card) {
  const found = [];
  const walk = (value, inForm) => {
    if (Array.isArray(value)) {
      value.forEach((one) => walk(one, inForm));
    } else if (value && typeof value === "object") {
      if (PRESSABLE.has(value.tag) || (FIELDS.has(value.tag) && !inForm)) found.push(value);
      for (const [key, inner] of Object.entries(value)) {
        if (!NO_ELEMENTS.has(key)) walk(inner, inForm || value.tag === "form");
      }
    }
  };
  walk(card?.body?.elements ?? card?.elements ?? [], false);
  return found;
}

export async function askFirst(confirm, node) {
  if (!confirm) return true;
  const host = node.closest("article") ?? document.body;
  return confirmDialog({ title: textOf(confirm.title) || "确定吗", text: textOf(confirm.text), host });
}

const callsBack = (element) => (element.behaviors ?? []).some((one) => one.type === "callback") || element.value !== undefined;

/** A press in a form sends the form when it says so, or when it has nothing of its own to call back with. */
function formAction(element) {
  const kind = element.form_action_type ?? { form_submit: "submit", form_reset: "reset" }[element.action_type];
  return kind ?? (callsBack(element) || linkOf(element) ? null : "submit");
}

const linkOf = (element) => (element.behaviors ?? []).find((one) => one.type === "open_url");

/** Opens the address and reports the press. A component with neither is still reported: the client refuses it with a code. */
export function runBehaviors(element, ctx, option) {
  const link = linkOf(element);
  const url = link?.pc_url || link?.default_url || element.url;
  if (isWebAddress(url)) window.open(url, "_blank", "noopener");
  if (callsBack(element) || !isWebAddress(url)) return ctx.handlers.onClick?.(element, option);
  return undefined;
}

export function drawButton(element, ctx) {
  const text = textOf(element.text);
  const opens = isWebAddress(linkOf(element)?.default_url ?? linkOf(element)?.pc_url ?? element.url);
  const index = ctx.pressables.indexOf(element);
  const button = h("button", {
    type: "button",
    class: ["card-button", `is-${element.type ?? "default"}`, element.width === "fill" && "is-wide", `size-${element.size ?? "medium"}-button`],
    "data-button-index": index,
    "aria-label": pressName(text, ctx.object, opens),
    title: textOf(element.disabled ? element.disabled_tips : element.hover_tips) || null,
    disabled: Boolean(element.disabled),
  }, text, opens && h("span", { "aria-hidden": "true" }, "↗"));
  button.addEventListener("click", () => press(element, button, ctx));
  return boxed(button, element);
}

async function press(element, button, ctx) {
  if (button.getAttribute("aria-busy") === "true") return;
  const kind = ctx.form && formAction(element);
  if (kind === "reset") {
    ctx.form.reset();
    return;
  }
  if (kind === "submit" && !ctx.form.check()) return;
  if (!(await askFirst(element.confirm, button))) return;
  if (kind === "submit") {
    await whileBusy(button, () => ctx.handlers.onSubmit?.(ctx.form.name, element, ctx.form.values()));
  } else {
    await whileBusy(button, () => runBehaviors(element, ctx));
  }
}

/** A row of buttons, as cards of the first generation group them. */
export const drawActions = (element, ctx) => h("div", { class: "card-columns is-actions" }, (element.actions ?? []).map((one) => ctx.draw(one, ctx)));

export function drawOverflow(element, ctx) {
  const menu = h("div", { class: "card-menu", role: "menu", hidden: true });
  const opener = h("button", {
    type: "button", class: "card-button is-default is-more", "aria-haspopup": "menu", "aria-expanded": "false",
    "aria-label": ["更多", ctx.object].filter(Boolean).join(" "), "data-button-index": ctx.pressables.indexOf(element),
  }, icon("more"));
  const node = h("div", { class: "card-overflow" }, opener, menu);

  const toggle = (open) => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    menu.scrollIntoView({ block: "nearest" });
    menu.querySelector("button")?.focus({ preventScroll: true });
  };
  for (const option of element.options ?? []) {
    menu.append(h("button", {
      type: "button", role: "menuitem", class: "card-menu-item",
      on: {
        click: async () => {
          toggle(false);
          opener.focus();
          const url = option.multi_url?.pc_url || option.multi_url?.url;
          if (isWebAddress(url)) window.open(url, "_blank", "noopener");
          else if (await askFirst(element.confirm, opener)) runBehaviors(element, ctx, option.value);
        },
      },
    }, textOf(option.text)));
  }
  opener.addEventListener("click", () => toggle(menu.hidden));
  node.addEventListener("focusout", (event) => !node.contains(event.relatedTarget) && toggle(false));
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !menu.hidden) {
      event.stopPropagation();
      toggle(false);
      opener.focus();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const items = [...menu.children];
      const next = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      if (menu.hidden) toggle(true);
      else items[(next + items.length) % items.length]?.focus();
    }
  });
  return node;
}
