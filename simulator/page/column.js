// One phone: a person, their chats as tabs, the messages and the input.

import { Composer } from "./composer.js";
import { h, icon, pause, prefersCalm, replaceChildren } from "./dom.js";
import { initials, platformName, roleName } from "./format.js";
import { Stream } from "./stream.js";
import { Toasts } from "./toast.js";

const TYPE_EVERY_MS = 55;

export class Column {
  constructor({ store, outgoing, index, onPersonChange }) {
    Object.assign(this, { store, outgoing, index, onPersonChange });
    this.person = null;
    this.chat = null;
    this.unread = new Map();
    this.lastChat = new Map(); // person -> the chat left open
    this.spoken = new Set(); // people who said something here by hand

    this.toasts = new Toasts();
    this.composer = new Composer({
      onSend: (text, replyTo, byHand) => this.outgoing.say({ person: this.person, chat: this.chat, text, replyTo, byHand }),
      onFile: (file) => this.outgoing.upload({ person: this.person, chat: this.chat, file }),
    });
    this.stream = new Stream({ store, outgoing, onReply: (message) => this.composer.reply(message), toast: (toast) => this.toasts.show(toast) });

    this.avatar = h("span", { class: "avatar", "aria-hidden": "true" });
    this.select = h("select", { class: "persona", "aria-label": "这一列是谁" });
    this.about = h("span", { class: "note persona-about" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "聊天" });
    this.panelId = `chat-panel-${index}`;
    this.node = h("section", { class: "column" },
      h("header", { class: "column-head" }, this.avatar,
        h("h2", { class: "sr-only" }), h("div", { class: "persona-box" }, this.select, icon("chevron")), this.about),
      this.tabs,
      h("div", { class: "chat", id: this.panelId, role: "tabpanel" }, this.toasts.node, this.stream.node),
      this.composer.node);

    this.select.addEventListener("change", () => this.setPerson(this.select.value));
    this.tabs.addEventListener("keydown", (event) => this.walkTabs(event));
    store.on("message", ({ message, change }) => this.onMessage(message, change));
    store.on("chat-error", ({ chat, code, text }) => chat === this.chat && this.toasts.show({ kind: "error", content: `${code} · ${text}` }));
    store.on("chats", () => this.drawTabs());
    store.on("said", (item) => {
      if (item.byHand) this.spoken.add(item.person);
      this.suggest();
    });
    store.on("reset", () => this.spoken.clear());
    store.on("toast", (toast) => toast.person === this.person
      && this.toasts.show({ messageId: toast.message_id, kind: toast.kind, content: toast.content }));
  }

  /** Shows a person with the given chat, else the one they had open, else their own. */
  async setPerson(id, { keepChat = false, chat = null } = {}) {
    const person = this.store.person(id);
    if (!person) return;
    const chats = this.store.chatsOf(id);
    const kept = keepChat && this.person === id ? this.chat : chat ?? this.lastChat.get(id);
    if (this.person !== id) this.toasts.clear();
    this.person = id;
    this.node.dataset.person = id;
    this.node.dataset.platform = person.platform ?? "feishu";
    this.node.setAttribute("aria-label", `${person.name}的手机`);
    this.node.querySelector("h2").textContent = person.name;
    this.avatar.textContent = initials(person.name);
    this.about.textContent = [roleName(person.role), platformName(person.platform)].filter(Boolean).join(" · ");
    replaceChildren(this.select, this.store.state.people.map((one) => h("option", { value: one.id, selected: one.id === id }, one.name)));
    this.unread.clear();
    this.onPersonChange?.(this);
    await this.openChat(chats.some((one) => one.id === kept) ? kept : chats[0]?.id);
  }

  async openChat(chatId) {
    this.chat = chatId ?? null;
    this.lastChat.set(this.person, this.chat);
    this.unread.delete(chatId);
    this.drawTabs();
    const chat = this.store.chat(chatId);
    if (!chat) return;
    const bot = this.store.state.bot.name;
    const group = chat.kind === "group";
    this.composer.open({
      key: `${this.person}:${chatId}`, bot, group,
      label: `${this.store.person(this.person).name} 发到 ${group ? chat.name : bot}`,
    });
    this.suggest();
    await this.stream.open(this.person, chatId);
    this.suggest();
  }

  /** Brings this chat of the person to the front, or their own. */
  async show(chat) {
    const wanted = chat ?? this.store.chatsOf(this.person)[0]?.id;
    if (wanted !== this.chat) await this.openChat(wanted);
  }

  /** The first line of the guide, offered in the own chat of its person until it was said or that person typed something. */
  suggest() {
    const first = this.store.state.guide?.[0]?.steps[0];
    const isNew = this.store.chat(this.chat)?.kind === "p2p" && first?.person === this.person && !this.spoken.has(this.person)
      && !this.store.list(this.chat).some((message) => message.sender.kind === "user" && message.text === first.say);
    this.composer.suggest(isNew ? first.say : "");
  }

  onMessage(message, change) {
    if (!this.person || change !== "message") return;
    if (message.chat === this.chat) {
      this.suggest();
    } else if (message.sender.id !== this.person && (!message.only_for || message.only_for === this.person) && this.store.chat(message.chat)?.members.includes(this.person)) {
      this.unread.set(message.chat, (this.unread.get(message.chat) ?? 0) + 1);
      this.drawTabs();
    }
  }

  drawTabs() {
    if (!this.person) return;
    const bot = this.store.state.bot.name;
    const held = this.tabs.contains(document.activeElement);
    replaceChildren(this.tabs, this.store.chatsOf(this.person).map((chat) => {
      const name = chat.kind === "p2p" ? bot : chat.name;
      const count = this.unread.get(chat.id) ?? 0;
      const selected = chat.id === this.chat;
      return h("button", {
        type: "button", role: "tab", class: "tab", id: `tab-${this.index}-${chat.id}`, "aria-selected": String(selected), "aria-controls": this.panelId,
        tabindex: selected ? "0" : "-1", title: name, on: { click: () => this.openChat(chat.id) },
      }, h("span", { class: "tab-name" }, name),
      count > 0 && h("span", { class: "count" }, h("span", { class: "sr-only" }, "未读 "), Math.min(count, 99)));
    }));
    const selected = this.tabs.querySelector('[aria-selected="true"]');
    if (selected) {
      this.node.querySelector(".chat").setAttribute("aria-labelledby", selected.id);
      selected.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    if (held) selected?.focus();
  }

  walkTabs(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const chats = this.store.chatsOf(this.person);
    const next = chats[(chats.findIndex((chat) => chat.id === this.chat) + step + chats.length) % chats.length];
    event.preventDefault();
    this.openChat(next.id);
  }

  focusInput() {
    this.composer.text.focus();
  }

  /** Sends one of the sample papers as a photo. */
  async sendSample(name) {
    const picture = await (await fetch(`/page/samples/${name}`)).blob();
    await this.outgoing.upload({ person: this.person, chat: this.chat, file: new File([picture], name, { type: picture.type }), byHand: false });
  }

  /** Types a line for everybody to see, then sends it. */
  async typeOut(line) {
    this.focusInput();
    if (prefersCalm()) {
      this.composer.set(line);
    } else {
      let shown = "";
      for (const character of line) {
        shown += character;
        this.composer.set(shown);
        await pause(TYPE_EVERY_MS);
      }
    }
    await pause(400);
    await this.composer.send(false);
  }
}
