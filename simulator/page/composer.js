// Where a person types: one line grows to five, Enter sends, and an unused chat suggests its first line.

import { h, icon, replaceChildren } from "./dom.js";
import { summary } from "./message.js";

const MAX_HEIGHT_PX = 128;

export class Composer {
  constructor({ onSend, onFile }) {
    Object.assign(this, { onSend, onFile });
    this.sent = [];
    this.recalled = 0;
    this.ghost = "";
    this.bot = "";
    this.replyTo = null;
    this.drafts = new Map();
    this.key = "";

    this.text = h("textarea", { rows: "1", autocomplete: "off", enterkeyhint: "send" });
    this.hint = h("span", { class: "ghost-hint", hidden: true }, "按回车试试");
    this.quote = h("div", { class: "replying", hidden: true });
    this.file = h("input", { type: "file", multiple: true, hidden: true });
    this.attach = h("button", { type: "button", class: "btn is-quiet is-icon", "aria-label": "传文件或图片", title: "传文件或图片" }, icon("attach"));
    this.at = h("button", { type: "button", class: "btn is-quiet is-icon", hidden: true }, "@");
    this.button = h("button", { type: "submit", class: "btn is-primary send", "aria-label": "发送", title: "发送" }, icon("send"));
    this.node = h("form", { class: "composer" }, this.quote,
      h("div", { class: "composer-box" }, this.text,
        h("div", { class: "composer-tools" }, this.attach, this.at, this.hint, this.button)), this.file);
    this.listen();
  }

  listen() {
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    this.text.addEventListener("input", () => this.changed());
    this.attach.addEventListener("click", () => this.file.click());
    this.at.addEventListener("click", () => this.insert(`@${this.bot} `));
    this.file.addEventListener("change", () => {
      this.sendFiles([...this.file.files]);
      this.file.value = "";
    });
    this.text.addEventListener("paste", (event) => this.takeFiles(event, event.clipboardData));
    this.node.addEventListener("dragover", (event) => event.preventDefault());
    this.node.addEventListener("drop", (event) => this.takeFiles(event, event.dataTransfer));
  }

  takeFiles(event, transfer) {
    if (!transfer?.files?.length) return;
    event.preventDefault();
    this.sendFiles([...transfer.files]);
  }

  /** One after the other, so that they arrive in the order they were picked. */
  async sendFiles(files) {
    for (const file of files) await this.onFile(file);
  }

  /** Points the input at a chat; what was typed in the one before is kept there. */
  open({ key, label, bot, group, deaf }) {
    this.drafts.set(this.key, this.text.value);
    this.key = key;
    this.bot = bot;
    this.placeholder = deaf ? `${bot}听不到这个群` : group ? `@${bot} 加一句话` : "说一句，或传文件";
    this.text.setAttribute("aria-label", label);
    this.at.hidden = !group || deaf;
    this.at.setAttribute("aria-label", `@${bot}`);
    this.at.title = `@${bot}`;
    this.text.value = this.drafts.get(key) ?? "";
    this.reply(null);
    this.changed();
  }

  suggest(line) {
    this.ghost = line;
    this.changed();
  }

  changed() {
    const offered = Boolean(this.ghost) && !this.text.value;
    this.text.placeholder = this.ghost || this.placeholder || "";
    this.hint.hidden = !offered;
    this.button.disabled = !this.text.value.trim() && !offered;
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, MAX_HEIGHT_PX)}px`;
  }

  insert(text) {
    this.text.setRangeText(text, this.text.selectionStart, this.text.selectionEnd, "end");
    this.changed();
    this.text.focus();
  }

  onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && (!this.text.value || this.recalled > 0) && this.sent.length > this.recalled) {
      event.preventDefault();
      this.recalled += 1;
      this.set(this.sent.at(-this.recalled));
    } else if (event.key === "ArrowDown" && this.recalled > 0) {
      event.preventDefault();
      this.recalled -= 1;
      this.set(this.recalled ? this.sent.at(-this.recalled) : "");
    } else if (event.key === "Escape" && this.replyTo) {
      event.stopPropagation();
      this.reply(null);
    }
  }

  set(value) {
    this.text.value = value;
    this.changed();
    this.text.setSelectionRange(value.length, value.length);
  }

  reply(message) {
    this.replyTo = message;
    this.quote.hidden = !message;
    if (!message) return;
    replaceChildren(this.quote, h("span", { class: "replying-text" }, `回复 ${message.sender.name}：${summary(message)}`),
      h("button", { type: "button", class: "btn is-quiet is-icon", "aria-label": "不回复这条了", on: { click: () => this.reply(null) } }, icon("close")));
    this.text.focus();
  }

  send(byHand = true) {
    const text = this.text.value.trim() || this.ghost;
    if (!text) return undefined;
    if (this.sent.at(-1) !== text) this.sent.push(text);
    this.recalled = 0;
    this.set("");
    const replyTo = this.replyTo?.message_id;
    this.reply(null);
    return this.onSend(text, replyTo, byHand);
  }
}
