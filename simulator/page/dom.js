// Builds DOM nodes from data. Strings become text nodes, so nothing that a person typed can turn into markup.

const SVG = "http://www.w3.org/2000/svg";

/** One element: `h("button", {class: "btn", on: {click}}, "text", child)`. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "class") {
      node.className = Array.isArray(value) ? value.filter(Boolean).join(" ") : value;
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function replaceChildren(node, ...children) {
  node.replaceChildren();
  append(node, children);
}

const PATHS = {
  send: ["M4 12 20 4l-5 16-3.5-6.5z", "m11.5 13.5 4-4"],
  attach: ["m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6"],
  chevron: ["m6 9 6 6 6-6"],
  close: ["m6 6 12 12", "m18 6-12 12"],
  file: ["M6 3h8l4 4v14H6z", "M14 3v4h4"],
  check: ["m5 12.5 4.5 4.5L19 7"],
  reply: ["M9 6 4 11l5 5", "M4 11h9a6 6 0 0 1 6 6v2"],
  down: ["M12 5v14", "m6 13 6 6 6-6"],
  more: ["M6 12h.01", "M12 12h.01", "M18 12h.01"],
};

/** A line drawing that screen readers skip; the button around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    class: "icon", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": name === "more" ? 3 : 1.75,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, String(value));
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** Asks before something that cannot be taken back; true when the person agreed. */
export function confirmDialog({ title, text = "", yes = "确定", danger = false, host = document.body }) {
  return new Promise((resolve) => {
    const titleId = `dialog-${crypto.randomUUID()}`;
    const dialog = h("dialog", { "aria-labelledby": titleId },
      h("h2", { id: titleId }, title),
      text && h("p", { class: "dialog-text" }, text),
      h("div", { class: "dialog-actions" },
        h("button", { type: "button", class: "btn", on: { click: () => dialog.close() } }, "取消"),
        h("button", { type: "button", class: ["btn", danger ? "is-danger" : "is-primary"], on: { click: () => dialog.close("yes") } }, yes)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    host.append(dialog);
    dialog.showModal();
  });
}

export const prefersCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
