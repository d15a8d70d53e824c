// The running messages of one chat in one column. Redraws only what changed, and keeps place, focus and what was typed.

import * as api from "./api.js";
import { h, icon, prefersCalm, replaceChildren } from "./dom.js";
import * as format from "./format.js";
import { drawMessage, drawOutgoing } from "./message.js";

const NEAR_BOTTOM_PX = 80;
const SKELETON_AFTER_MS = 300;
const SAME_SPEAKER_MS = 5 * 60 * 1000;

export class Stream {
  constructor({ store, outgoing, onReply, toast }) {
    Object.assign(this, { store, outgoing, onReply, toast });
    this.person = null;
    this.chat = null;
    this.drawn = new Map(); // message id -> node
    this.states = new Map(); // person and message -> what that person typed on the card
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "消息" });
    this.dots = h("div", { class: "typing", hidden: true }, h("span", { class: "sr-only" }, "正在回答"), h("i"), h("i"), h("i"));
    this.tail = h("div", { class: "outgoing" });
    this.top = h("div", { class: "stream-top" });
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "group", "aria-label": "消息记录" }, this.top, this.list, this.tail, this.dots);
    this.newer = h("button", { type: "button", class: "btn newer", hidden: true, on: { click: () => this.toBottom() } }, icon("down"), "有新消息");
    this.node = h("div", { class: "stream" }, this.scroller, this.newer);
    this.scroller.addEventListener("scroll", () => { if (this.nearBottom()) this.newer.hidden = true; }, { passive: true });
    store.on("message", ({ message, change }) => message.chat === this.chat && this.show(message, change));
    store.on("typing", (chat) => chat === this.chat && this.showTyping());
    outgoing.store.on("outgoing", (item) => item.chat === this.chat && item.person === this.person && this.showOutgoing());
    // Pictures and panels that open late must not push the newest message out of sight.
    this.stick = true;
    this.at = 0;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.stick && this.toBottom()).observe(this.list);
    new ResizeObserver(() => this.stick && this.toBottom()).observe(this.scroller);
  }

  async open(person, chat) {
    this.person = person;
    this.chat = chat;
    this.drawn.clear();
    this.list.setAttribute("aria-busy", "true");
    replaceChildren(this.list);
    this.showOutgoing();
    this.newer.hidden = true;
    this.stick = true;
    const skeleton = setTimeout(() => replaceChildren(this.list, h("div", { class: "skeleton" }), h("div", { class: "skeleton is-tall" })), SKELETON_AFTER_MS);
    try {
      await this.store.open(chat);
      if (this.chat === chat && this.person === person) this.redrawAll();
    } catch (error) {
      if (this.chat === chat) this.failed(error);
    } finally {
      clearTimeout(skeleton);
    }
  }

  failed(error) {
    replaceChildren(this.list, h("div", { class: "empty" }, h("p", {}, `没取到消息：${error.message}`),
      h("button", { type: "button", class: "btn", on: { click: () => this.open(this.person, this.chat) } }, "再试")));
  }

  redrawAll() {
    const messages = this.messages();
    this.drawn.clear();
    const nodes = [];
    messages.forEach((message, index) => nodes.push(...this.nodesFor(message, messages[index - 1])));
    replaceChildren(this.list, nodes, messages.length === 0 && this.emptyNote());
    this.list.removeAttribute("aria-busy");
    this.showTyping();
    this.toBottom();
  }

  emptyNote() {
    const group = this.store.chat(this.chat)?.kind === "group";
    const bot = this.store.state.bot.name;
    return h("div", { class: "empty" },
      h("p", {}, group ? "群里还没有消息。" : "还没有消息。"),
      h("p", { class: "note" }, group ? `说：@${bot} 加一句话` : "说：录单 客户 产品 金额"));
  }

  nodesFor(message, before) {
    const newDay = !before || format.dayKey(before.created_at) !== format.dayKey(message.created_at);
    const follows = !newDay && !message.card && !before.recalled && before.sender.id === message.sender.id && !message.parent_id
      && new Date(message.created_at) - new Date(before.created_at) < SAME_SPEAKER_MS;
    const node = drawMessage(message, this, { follows });
    node.dataset.follows = String(follows);
    this.drawn.set(message.message_id, node);
    return newDay ? [h("p", { class: "day" }, format.day(message.created_at)), node] : [node];
  }

  /** What this person may see of the chat: a card for one person in a group is for that person. */
  messages() {
    return this.store.list(this.chat).filter((message) => !message.only_for || message.only_for === this.person);
  }

  show(message, change) {
    if (message.only_for && message.only_for !== this.person) return;
    if (this.list.getAttribute("aria-busy")) return;
    const old = this.drawn.get(message.message_id);
    if (!old) {
      this.insert(message);
      return;
    }
    const follows = old.dataset.follows === "true";
    const node = drawMessage(message, this, { follows });
    node.dataset.follows = String(follows);
    this.drawn.set(message.message_id, node);
    this.swap(old, node);
    if (change === "update" && !prefersCalm()) {
      node.classList.add("was-updated");
      setTimeout(() => node.classList.remove("was-updated"), 1200);
    }
    if (this.stick) this.toBottom();
  }

  insert(message) {
    const messages = this.messages();
    const index = messages.findIndex((one) => one.message_id === message.message_id);
    if (index < messages.length - 1) {
      this.redrawAll();
      return;
    }
    this.list.querySelector(".empty")?.remove();
    this.list.append(...this.nodesFor(message, messages[index - 1]));
    const own = message.sender.id === this.person;
    if (this.stick || own) this.toBottom();
    else this.newer.hidden = false;
  }

  /** Puts the new drawing in the place of the old one; the focus goes to the same button or field. */
  swap(old, node) {
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(node);
    if (!held) return;
    const same = held.dataset.buttonIndex !== undefined ? `[data-button-index="${held.dataset.buttonIndex}"]` : held.name ? `[name="${CSS.escape(held.name)}"]` : null;
    const next = (same && node.querySelector(same)) || node.querySelector("article button:not(:disabled)");
    if (next) {
      next.focus({ preventScroll: true });
      if (held.selectionStart !== undefined && held.selectionStart !== null && next.setSelectionRange) next.setSelectionRange(held.selectionStart, held.selectionEnd);
    }
  }

  showTyping() {
    this.dots.hidden = !this.store.typing.has(this.chat);
    if (this.stick) this.toBottom();
  }

  showOutgoing() {
    const items = this.outgoing.of(this.chat, this.person);
    replaceChildren(this.tail, items.map((item) => drawOutgoing(item, {
      retry: () => this.outgoing.retry(item.localId),
      drop: () => this.outgoing.drop(item.localId),
    })));
    if (items.length) {
      this.list.querySelector(".empty")?.remove();
      this.toBottom();
    }
  }

  /** Only scrolling up leaves the end: what grows below a view that was there does not. */
  scrolled() {
    const { scrollTop } = this.scroller;
    if (this.nearBottom()) this.stick = true;
    else if (scrollTop < this.at) this.stick = false;
    this.at = scrollTop;
  }

  nearBottom() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR_BOTTOM_PX;
  }

  toBottom() {
    this.stick = true;
    this.newer.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  // What a message asks of its surroundings.

  nameOf(id) {
    return this.store.nameOf(id) ?? "";
  }

  people() {
    const members = this.store.chat(this.chat)?.members ?? [];
    return this.store.state.people.filter((one) => members.includes(one.id));
  }

  find(messageId) {
    return this.store.message(this.chat, messageId);
  }

  cardState(messageId) {
    const key = `${this.person}:${messageId}`;
    if (!this.states.has(key)) this.states.set(key, new Map());
    return this.states.get(key);
  }

  reply(message) {
    this.onReply(message);
  }

  jump(messageId) {
    const node = this.drawn.get(messageId);
    if (!node) return;
    node.scrollIntoView({ block: "center" });
    node.classList.add("was-updated");
    setTimeout(() => node.classList.remove("was-updated"), 1200);
  }

  /** The button with this label on the newest card after a message that has it and can be pressed. */
  button(label, after) {
    for (const message of this.messages().filter((one) => one.card && one.seq > after).reverse()) {
      const buttons = this.drawn.get(message.message_id)?.querySelectorAll("button[data-button-index]:not(:disabled)") ?? [];
      const found = [...buttons].find((one) => one.textContent === label);
      if (found) return found;
    }
    return null;
  }

  /** The platform of this chat, and which of its channels. */
  place() {
    const chat = this.store.chat(this.chat);
    return { platform: chat?.platform ?? "feishu", face: chat?.face ?? "" };
  }

  say(text) {
    this.outgoing.say({ person: this.person, chat: this.chat, text });
  }

  press(message, label, pressed) {
    return this.act(message, label, () => api.click(this.person, message.message_id, pressed));
  }

  submit(message, label, pressed) {
    return this.act(message, label, () => api.submit(this.person, message.message_id, pressed));
  }

  async act(message, label, act) {
    try {
      const answer = await act();
      this.store.emit("pressed", { label });
      if (answer.toast) this.toast({ messageId: message.message_id, kind: answer.toast.kind, content: answer.toast.content });
      if (answer.code) this.store.noteError(message.chat, message.message_id, answer.code);
    } catch (error) {
      this.toast({ messageId: message.message_id, kind: "error", content: error.message });
    }
  }
}
