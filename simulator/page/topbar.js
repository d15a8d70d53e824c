// The bar on top: whose company, what time it is in the simulation and how to move it, the look, and starting over.

import * as api from "./api.js";
import { confirmDialog, h } from "./dom.js";
import * as format from "./format.js";

const TICK_MS = 1000;
const THEME = "dealdesk-theme";

export class Topbar {
  constructor({ store, node, onHelp, onGuide, notify }) {
    Object.assign(this, { store, node, notify });
    const button = (text, click, extra = {}) => h("button", { type: "button", class: "btn", ...extra, on: { click } }, text);
    this.company = h("h1", { class: "company" });
    this.clock = h("time", { class: "clock" });
    this.hour = button("+1 时", () => this.move(() => api.advance("1h")), { "aria-label": "+1 时，时钟往前走一小时" });
    this.day = button("+1 天", () => this.move(() => api.advance("24h")), { "aria-label": "+1 天，时钟往前走一天" });
    this.next = button("到下个到期", () => this.move(() => api.advanceTo(store.state.next_due.at)));
    this.due = h("span", { class: "due note" });
    this.lost = h("span", { class: "lost", role: "status" });
    this.theme = button("深色", () => this.switchTheme());
    this.gallery = h("a", { class: "btn is-quiet", target: "_blank", rel: "noopener noreferrer", hidden: true }, "卡片图库");
    node.append(this.company,
      h("div", { class: "clock-group", role: "group", "aria-label": "模拟时钟" }, this.clock, this.hour, this.day, this.next, this.due),
      this.lost, h("span", { class: "note independent" }, "本地模拟，与平台厂商无关"),
      h("div", { class: "top-actions" }, this.gallery,
        button("五分钟看懂", onGuide, { class: "btn guide-toggle", "aria-controls": "rail" }),
        this.theme, button("重置", () => this.reset()),
        button("?", onHelp, { class: "btn is-icon-text", "aria-label": "帮助：快捷键", title: "快捷键" })));
    this.applyTheme(read(THEME));
    store.on("state", () => this.draw());
    store.on("clock", () => this.draw());
    store.on("connection", (on) => { this.lost.textContent = on ? "" : "连接断了，正在重连"; });
    setInterval(() => this.drawClock(), TICK_MS);
  }

  now() {
    const { now, running } = this.store.state.clock;
    const passed = running === false ? 0 : performance.now() - this.store.clockReadAt;
    return new Date(now).getTime() + passed;
  }

  drawClock() {
    if (!this.store.state) return;
    const text = format.dayAndTime(this.now());
    if (this.clock.textContent !== text) this.clock.textContent = text;
  }

  draw() {
    const { company, next_due: due, links } = this.store.state;
    this.company.textContent = typeof company === "string" ? company : company?.name ?? "";
    this.drawClock();
    this.next.disabled = !due;
    this.due.textContent = due ? `${due.label} ${this.dueTime(due.at)}` : "眼下没有到期的事";
    this.due.title = this.due.textContent;
    this.next.setAttribute("aria-label", `到下个到期：${this.due.textContent}`);
    this.next.title = this.due.textContent;
    this.gallery.hidden = !links?.gallery;
    if (links?.gallery) this.gallery.href = links.gallery;
  }

  dueTime(at) {
    return format.dayKey(at) === format.dayKey(this.now()) ? format.time(at) : format.dayAndTime(at);
  }

  async move(act) {
    const buttons = [this.hour, this.day, this.next];
    buttons.forEach((one) => { one.disabled = true; });
    this.clock.classList.add("is-moving");
    try {
      await act();
      await this.store.refreshState();
    } catch (error) {
      this.notify("error", `时钟没走：${error.message}`);
    } finally {
      this.clock.classList.remove("is-moving");
      buttons.forEach((one) => { one.disabled = false; });
      this.draw();
    }
  }

  async reset() {
    const agreed = await confirmDialog({ title: "从头开始吗", text: "聊天清空，故障撤掉，公司和时钟回到刚打开的样子，要几秒。", yes: "重置", danger: true });
    if (!agreed) return;
    try {
      await api.reset();
      this.notify("info", "正在回到刚打开的样子");
      this.store.emit("started-over");
    } catch (error) {
      this.notify("error", `没重置成：${error.message}`);
    }
  }

  switchTheme() {
    const dark = this.isDark();
    this.applyTheme(dark ? "light" : "dark");
    write(THEME, dark ? "light" : "dark");
  }

  isDark() {
    return document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  applyTheme(theme) {
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
    this.theme.setAttribute("aria-pressed", String(this.isDark()));
  }
}

/** Storage may be switched off in the browser; then choices last as long as the page. */
export function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Kept for this page only.
  }
}
