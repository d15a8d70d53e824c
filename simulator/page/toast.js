// The short word a platform shows after a press.

import { h } from "./dom.js";

const SHOWN_MS = 4000;
const SAME_WITHIN_MS = 2000;
const MARKS = { success: "✓", error: "✗", warning: "▲", info: "" };

export class Toasts {
  constructor() {
    this.node = h("div", { class: "toasts", role: "status" });
    this.last = { key: "", at: 0 };
  }

  /** One at a time. The answer of a press and the event stream bring the same toast; it is shown once. */
  show({ messageId = "", kind = "info", content }) {
    const key = `${messageId}|${content}`;
    const now = performance.now();
    if (!content || (key === this.last.key && now - this.last.at < SAME_WITHIN_MS)) return;
    this.last = { key, at: now };
    const mark = MARKS[kind] ?? "";
    const toast = h("p", { class: `toast is-${kind}` }, mark && h("span", { class: "toast-mark", "aria-hidden": "true" }, mark), content);
    this.node.replaceChildren(toast);
    setTimeout(() => toast.remove(), SHOWN_MS);
  }

  /** Somebody else looks now. */
  clear() {
    this.node.replaceChildren();
  }
}
