// Switches for a wire that drops, delays, doubles or refuses.

import * as api from "./api.js";
import { h, icon, replaceChildren } from "./dom.js";
import { platformName } from "./format.js";

const NAMES = {
  drop: "丢掉", drop_after: "办了但没回音", delay: "变慢", duplicate: "送两遍", reorder: "乱序", skew: "时间戳不准",
  429: "限流 429", "5xx": "服务器错 5xx", html: "回一页 HTML", expired_token: "令牌过期",
  bad_signature: "签名不对", bad_receiver: "收件方不对", truncated: "密文不全", dtd: "带 DTD", same_second: "同一秒两次",
  expired_code: "更新码过期", stranger: "外人点的", unlicensed: "成员没许可", invalid_user: "成员无效",
  quota: "月额度用完", permission: "没有权限", busy: "系统忙", blocked: "IP 被封", undelivered: "卡片没送达", flow_control: "被流控",
  over_quota: "超额，没有正文", outsider: "外部的人", unpublished: "机器人没发布", disconnect: "要求重连", abort: "掐断", ping: "探活", expired: "过期",
};

const PLACES = {
  event: "消息送往助手", callback: "卡片点击送往助手", api: "助手调平台接口", message: "下一条给助手的消息", stream: "长连接", ticket: "连接的凭据",
};

const nameOf = (kind) => NAMES[kind] ?? (/^-?\d+$/.test(kind) ? `错误码 ${kind}` : kind);

const TIMED = new Set(["delay", "skew"]);

export class FaultPanel {
  constructor({ store, notify, onCount }) {
    Object.assign(this, { store, notify, onCount });
    this.active = 0;
    this.offers = {}; // platform -> place -> kinds
    this.platform = h("select", { name: "platform" });
    this.place = h("select", { name: "place" });
    this.path = h("input", { name: "path", list: "fault-paths", value: "*", autocomplete: "off", spellcheck: "false" });
    this.paths = h("datalist", { id: "fault-paths" });
    this.kind = h("select", { name: "kind" });
    this.count = h("input", { name: "count", type: "number", min: "1", max: "1000", value: "1", required: true });
    this.ms = h("input", { name: "ms", type: "number", min: "0", step: "100", value: "4000" });
    this.list = h("ul", { class: "fault-list" });
    const field = (text, control, extra = "") => h("label", { class: `field ${extra}` }, h("span", {}, text), control);
    this.pathField = field("路径（可用 *）", this.path, "is-path");
    this.msField = field("毫秒", this.ms);
    this.form = h("form", { class: "fault-form" },
      field("哪个平台", this.platform), field("哪一段", this.place), this.pathField, field("怎么坏", this.kind), field("几次", this.count), this.msField,
      h("button", { class: "btn is-primary" }, "打开"), this.paths);
    this.node = h("div", { class: "faults", id: "drawer-faults" }, this.form, this.list);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add();
    });
    this.platform.addEventListener("change", () => this.showPlatform());
    this.place.addEventListener("change", () => this.showPlace());
    this.kind.addEventListener("change", () => this.showTime());
  }

  /** What the vendors offer, asked for once. */
  offer(offers) {
    if (Object.keys(this.offers).length || !offers) return;
    this.offers = offers;
    replaceChildren(this.platform, Object.keys(offers).map((name) => h("option", { value: name }, platformName(name))));
    this.platform.parentElement.hidden = Object.keys(offers).length < 2;
    this.showPlatform();
  }

  showPlatform() {
    replaceChildren(this.place, Object.keys(this.offers[this.platform.value]).map((place) => h("option", { value: place }, PLACES[place] ?? place)));
    this.showPlace();
  }

  showPlace() {
    this.pathField.hidden = this.place.value !== "api";
    replaceChildren(this.kind, this.offers[this.platform.value][this.place.value].map((kind) => h("option", { value: kind }, nameOf(kind))));
    this.showTime();
  }

  showTime() {
    this.msField.hidden = !TIMED.has(this.kind.value);
  }

  async load() {
    const seen = [...new Set(this.store.calls.filter((call) => call.direction === "in").map((call) => String(call.path).split("?")[0]))].slice(0, 20);
    replaceChildren(this.paths, seen.map((path) => h("option", { value: path })));
    try {
      const { faults, offers } = await api.faults();
      this.offer(offers);
      this.draw(faults ?? []);
    } catch {
      this.draw([]);
    }
  }

  async add() {
    const fault = {
      platform: this.platform.value, path: this.place.value === "api" ? this.path.value.trim() || "*" : this.place.value,
      kind: this.kind.value, count: Number(this.count.value), ms: TIMED.has(this.kind.value) ? Number(this.ms.value) : 0,
    };
    await this.change(() => api.addFault(fault), "没打开");
  }

  async change(act, failed) {
    try {
      await act();
    } catch (error) {
      this.notify("error", `${failed}：${error.message}`);
    }
    await this.load();
  }

  draw(faults) {
    this.active = faults.length;
    replaceChildren(this.list,
      faults.length === 0 && h("li", { class: "note" }, "没有开着的故障，一切照常。"),
      faults.map((fault) => h("li", { class: "fault" }, h("b", {}, nameOf(fault.kind)),
        Object.keys(this.offers).length > 1 && h("span", {}, platformName(fault.platform)),
        PLACES[fault.path] ? h("span", {}, PLACES[fault.path]) : h("code", {}, fault.path),
        h("span", { class: "note" }, [`还有 ${fault.count} 次`, fault.ms ? `${fault.ms} ms` : ""].filter(Boolean).join(" · ")))),
      faults.length > 0 && h("li", {}, h("button", { type: "button", class: "btn", on: { click: () => this.change(() => api.clearFaults(), "没关掉") } },
        icon("close"), "全部关掉")));
    this.onCount();
  }
}
