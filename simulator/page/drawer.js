// The bottom drawer: every call over the platform's wire with its JSON, and the switches that make the wire misbehave.

import { h, icon, replaceChildren } from "./dom.js";
import { FaultPanel } from "./faults.js";
import * as format from "./format.js";

const SECRET = /secret|password|authorization|encrypt|ticket|^token$|_token$|aes_?key/i;

/** The same JSON with what must not be read over a shoulder taken out. */
export function redact(value, key = "") {
  if (typeof value === "string" && SECRET.test(key)) return value ? "••••••" : "";
  if (Array.isArray(value)) return value.map((one) => redact(one, key));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redact(one, name)]));
  return value;
}

function pretty(value) {
  if (value === undefined || value === null || value === "") return "（空）";
  if (typeof value === "string") {
    try {
      return JSON.stringify(redact(JSON.parse(value)), null, 2);
    } catch {
      return value;
    }
  }
  return JSON.stringify(redact(value), null, 2);
}

const bad = (call) => !(call.status >= 200 && call.status < 300) || Boolean(call.code);

export class Drawer {
  constructor({ store, node, notify }) {
    Object.assign(this, { store, node });
    this.open = null;
    this.chosen = null;
    this.keys = new WeakMap();
    this.faults = new FaultPanel({ store, notify, onCount: () => this.drawTabs() });
    this.tabs = h("div", { class: "drawer-bar" });
    this.rows = h("tbody");
    this.detail = h("div", { class: "call-detail", tabindex: "0", role: "region", "aria-label": "所选记录的 JSON" });
    this.callsPanel = h("div", { class: "calls", id: "drawer-calls", hidden: true },
      h("div", { class: "calls-list", tabindex: "0", role: "region", "aria-label": "API 记录" },
        h("table", { class: "calls-table" },
          h("thead", {}, h("tr", {}, ["时刻", "方向", "路径", "状态", "毫秒"].map((name) => h("th", { scope: "col" }, name)))), this.rows)),
      this.detail);
    this.faults.node.hidden = true;
    node.append(this.tabs, this.callsPanel, this.faults.node);
    store.on("calls", () => this.drawCalls());
    store.on("state", () => this.faults.load());
    this.drawTabs();
  }

  toggle(name) {
    this.open = this.open === name ? null : name;
    this.callsPanel.hidden = this.open !== "calls";
    this.faults.node.hidden = this.open !== "faults";
    this.node.classList.toggle("is-open", Boolean(this.open));
    this.drawTabs();
    if (this.open === "calls") this.drawCalls();
    if (this.open === "faults") this.faults.load();
  }

  close() {
    if (!this.open) return false;
    const name = this.open;
    this.toggle(name);
    this.tabs.querySelector(`[data-panel="${name}"]`)?.focus();
    return true;
  }

  drawTabs() {
    const focused = this.tabs.contains(document.activeElement) ? document.activeElement.dataset.panel : null;
    const tab = (name, text, extra) => h("button", {
      type: "button", class: "drawer-tab", "data-panel": name, "aria-expanded": String(this.open === name), "aria-controls": `drawer-${name}`,
      on: { click: () => this.toggle(name) },
    }, icon("chevron"), text, extra);
    const wrong = this.store.calls.filter(bad).length;
    replaceChildren(this.tabs,
      tab("calls", "API 记录", h("span", { class: "note" }, `${this.store.calls.length} 次${wrong ? `，${wrong} 次没成` : ""}`)),
      tab("faults", "故障", this.faults.active > 0 && h("span", { class: "count is-warning" }, `${this.faults.active} 个开着`)));
    if (focused) this.tabs.querySelector(`[data-panel="${focused}"]`)?.focus();
  }

  drawCalls() {
    this.drawTabs();
    if (this.open !== "calls") return;
    const held = document.activeElement?.closest?.(".call-open") ? this.chosen : null;
    replaceChildren(this.rows, this.store.calls.map((call) => this.drawRow(call)));
    if (!this.store.calls.length) replaceChildren(this.rows, h("tr", {}, h("td", { colspan: "5", class: "note" }, "还没有记录。发一句话就有了。")));
    if (held) this.rows.querySelector('[aria-current="true"]')?.focus();
    this.drawDetail();
  }

  drawRow(call) {
    const chosen = call === this.chosen;
    return h("tr", { class: [bad(call) && "is-bad", chosen && "is-chosen"], on: { click: () => this.choose(call) } },
      h("td", {}, format.time(call.time)),
      h("td", {}, call.direction === "in" ? `助手 → ${format.platformName(call.platform)}` : `${format.platformName(call.platform)} → 助手`),
      h("td", { class: "call-path" }, h("button", { type: "button", class: "call-open", "aria-current": chosen ? "true" : null, title: call.path }, h("b", {}, call.method), " ", call.path)),
      h("td", {}, [call.status || "没回答", call.code ? ` · ${call.code}` : ""]),
      h("td", { class: "align-right" }, call.ms === undefined || call.ms === null ? "" : Math.round(call.ms)));
  }

  choose(call) {
    this.chosen = call;
    this.drawCalls();
    this.rows.querySelector('[aria-current="true"]')?.focus({ preventScroll: true });
    this.detail.scrollTop = 0;
  }

  drawDetail() {
    const call = this.store.calls.includes(this.chosen) ? this.chosen : null;
    if (!call) {
      replaceChildren(this.detail, h("p", { class: "note" }, "点一行看它的 JSON。密钥已隐去。"));
      return;
    }
    replaceChildren(this.detail,
      h("h3", {}, "请求"), h("pre", {}, pretty(call.request)),
      h("h3", {}, "回答"), h("pre", {}, pretty(call.response)));
  }
}
