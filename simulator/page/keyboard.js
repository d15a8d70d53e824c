// Keys that work anywhere on the page, and the sheet that tells them.

import { h } from "./dom.js";
import { read, write } from "./topbar.js";

const OFF = "dealdesk-single-keys-off";

const KEYS = [
  ["/", "到输入框"], ["Enter", "发送"], ["Shift + Enter", "换行"], ["↑", "输入框空着时：上一句再来"], ["Alt + 1…9", "换人"],
  ["Tab", "一张卡一张卡走"], ["← →", "在一张卡的按钮间走"], ["Esc", "关掉打开的"], ["?", "这张表"],
];

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

export class Keyboard {
  constructor({ focusInput, pickPerson, closeOpen, people }) {
    Object.assign(this, { focusInput, pickPerson, closeOpen, people });
    this.singleKeys = read(OFF) !== "yes";
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const digit = event.altKey && !event.ctrlKey && !event.metaKey && /^Digit([1-9])$/.exec(event.code);
    if (digit) {
      event.preventDefault();
      this.pickPerson(Number(digit[1]) - 1);
    } else if (event.key === "Escape") {
      if (this.closeOpen()) event.preventDefault();
    } else if (this.singleKeys && !event.altKey && !event.ctrlKey && !event.metaKey && !typing(event.target)) {
      if (event.key === "/") {
        event.preventDefault();
        this.focusInput();
      } else if (event.key === "?") {
        event.preventDefault();
        this.help();
      }
    }
  }

  help() {
    const single = h("input", { type: "checkbox" });
    single.checked = this.singleKeys;
    single.addEventListener("change", () => {
      this.singleKeys = single.checked;
      write(OFF, single.checked ? null : "yes");
    });
    const dialog = h("dialog", { "aria-labelledby": "help-title" },
      h("h2", { id: "help-title" }, "快捷键"),
      h("dl", { class: "keys" }, KEYS.flatMap(([key, does]) => [h("dt", {}, key), h("dd", {}, does)])),
      h("p", { class: "note" }, `Alt + 数字依次是：${this.people().slice(0, 9).map((name, index) => `${index + 1} ${name}`).join("、")}`),
      h("label", { class: "check-line" }, single, "单个键也管用（/ 和 ?）"),
      h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "btn is-primary", on: { click: () => dialog.close() } }, "知道了")));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}
