// The menu a platform draws between the messages and the input: up to three entries, each a press or a list of presses.

import { h, replaceChildren } from "./dom.js";

const nameOf = (entry) => entry.key ?? entry.url ?? entry.name;

function drawEntry(entry, tap) {
  const inner = entry.sub_button ?? [];
  const list = h("div", { class: "card-menu", role: "menu", hidden: true });
  const opener = h("button", { type: "button", class: "chat-menu-entry", ...(inner.length ? { "aria-haspopup": "menu", "aria-expanded": "false" } : {}) }, entry.name);
  const node = h("div", { class: "card-overflow" }, opener, inner.length > 0 && list);
  const toggle = (open) => {
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) list.firstElementChild.focus();
  };
  list.append(...inner.map((one) => h("button", {
    type: "button", role: "menuitem", class: "card-menu-item", on: { click: () => { toggle(false); opener.focus(); tap(nameOf(one)); } },
  }, one.name)));
  opener.addEventListener("click", () => (inner.length ? toggle(list.hidden) : tap(nameOf(entry))));
  node.addEventListener("focusout", (event) => inner.length && !node.contains(event.relatedTarget) && toggle(false));
  node.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const items = [...list.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      toggle(false);
      opener.focus();
    }
  });
  return node;
}

/** `tap(key)` is called with what the entry calls back with, else the page it opens. */
export function drawMenu(node, entries, tap) {
  node.hidden = !entries?.length;
  replaceChildren(node, (entries ?? []).slice(0, 3).map((entry) => drawEntry(entry, tap)));
}
