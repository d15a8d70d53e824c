// One phone: a person, their chats as tabs, the messages and the input.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { h, icon, pause, prefersCalm, replaceChildren } from "./dom.js";
import { initials, platformName, roleName } from "./format.js";
import { isWebAddress } from "./markdown.js";
import { drawMenu } from "./menu.js";
import { Stream } from "./stream.js";
import { Toasts } from "./toast.js";

const TYPE_EVERY_MS = 55;

/** WeCom has two chats with the assistant: its app, and the smart bot. */
const ownChatName = (chat, bot) => (chat.face === "bot" ? "智能机器人" : bot);

export class Column {
  constructor({ store, outgoing, index, onPersonChange }) {
    Object.assign(this, { store, outgoing, index, onPersonChange });
    this.person = null;
    this.chat = null;
    this.unread = new Map();
    this.platform = "";
    this.lastChat = new Map(); // person and platform -> the chat left open
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
    this.wire = h("select", { class: "persona is-wire", "aria-label": "这一列是哪个平台" });
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "聊天" });
    this.panelId = `chat-panel-${index}`;
    this.menu = h("nav", { class: "chat-menu", "aria-label": "助手的菜单", hidden: true });
    this.node = h("section", { class: "column" },
      h("header", { class: "column-head" }, this.avatar,
        h("h2", { class: "sr-only" }), h("div", { class: "persona-box" }, this.select, icon("chevron")), this.about,
        h("div", { class: "persona-box" }, this.wire, icon("chevron"))),
      this.tabs,
      h("div", { class: "chat", id: this.panelId, role: "tabpanel" }, this.toasts.node, this.stream.node),
      this.menu, this.composer.node);

    // A platform's client knows who uses it; the simulated sign-in reads this when a link asks for it.
    this.node.addEventListener("click", () => { document.cookie = `sim_user=${this.person}; path=/; samesite=lax`; }, { capture: true });
    this.select.addEventListener("change", () => this.setPerson(this.select.value));
    this.wire.addEventListener("change", () => this.setPerson(this.person, { platform: this.wire.value }));
    this.tabs.addEventListener("keydown", (event) => this.walkTabs(event));
    store.on("message", ({ message, change }) => this.onMessage(message, change));
    store.on("chat-error", ({ chat, code, text }) => chat === this.chat && this.toasts.show({ kind: "error", content: `${code} · ${text}` }));
    store.on("chats", () => {
      this.drawTabs();
      this.showMenu(store.chat(this.chat));
    });
    store.on("said", (item) => {
      if (item.byHand) this.spoken.add(item.person);
      this.suggest();
    });
    store.on("reset", () => this.spoken.clear());
    store.on("toast", (toast) => toast.person === this.person
      && this.toasts.show({ messageId: toast.message_id, kind: toast.kind, content: toast.content }));
  }

  /** Shows a person on a platform, else on the one they live in, with the given chat, else the one left open there, else their own. */
  async setPerson(id, { keepChat = false, platform = "", chat = null } = {}) {
    const person = this.store.person(id);
    if (!person) return;
    const stays = keepChat && this.person === id;
    const where = (stays ? this.platform : platform) || person.platform;
    const kept = stays ? this.chat : chat ?? this.lastChat.get(`${id}:${where}`);
    if (this.person !== id || this.platform !== where) this.toasts.clear();
    this.person = id;
    this.platform = where;
    this.unread.clear();
    this.drawHead(person);
    this.onPersonChange?.(this);
    const chats = this.chats();
    await this.openChat(chats.some((one) => one.id === kept) ? kept : chats[0]?.id);
  }

  /** The chats this column can show. */
  chats() {
    return this.store.chatsOf(this.person, this.platform);
  }

  drawHead(person) {
    const { people, platforms } = this.store.state;
    this.node.dataset.person = person.id;
    this.node.dataset.platform = this.platform;
    this.node.setAttribute("aria-label", `${person.name}的手机`);
    this.node.querySelector("h2").textContent = person.name;
    this.avatar.textContent = initials(person.name);
    const alone = platforms.length < 2;
    this.about.textContent = [roleName(person.role), alone && platformName(this.platform)].filter(Boolean).join(" · ");
    this.wire.parentElement.hidden = alone;
    replaceChildren(this.select, people.map((one) => h("option", { value: one.id, selected: one.id === person.id }, one.name)));
    replaceChildren(this.wire, platforms.map((one) => h("option", { value: one, selected: one === this.platform }, platformName(one))));
  }

  async openChat(chatId) {
    this.chat = chatId ?? null;
    this.lastChat.set(`${this.person}:${this.platform}`, this.chat);
    this.unread.delete(chatId);
    this.drawTabs();
    const chat = this.store.chat(chatId);
    if (!chat) return;
    const bot = this.store.state.bot.name;
    const group = chat.kind === "group";
    this.composer.open({
      key: `${this.person}:${chatId}`, bot, group, deaf: chat.face === "appchat",
      label: `${this.store.person(this.person).name} 发到 ${group ? chat.name : bot}`,
    });
    this.suggest();
    this.showMenu(chat);
    await this.stream.open(this.person, chatId);
    this.suggest();
  }

  showMenu(chat) {
    drawMenu(this.menu, chat?.menu, (key) => this.tapMenu(chat, key));
  }

  /** An entry calls back, opens a page, or asks for a picture. */
  async tapMenu(chat, key) {
    try {
      const answer = await api.menu(this.person, chat.platform, chat.face, key);
      if (isWebAddress(answer.open_url)) window.open(answer.open_url, "_blank", "noopener");
      if (answer.choose) this.composer.file.click();
    } catch (error) {
      this.toasts.show({ kind: "error", content: error.message });
    }
  }

  /** Brings this chat of the person to the front, or their own. */
  async show(chat) {
    const wanted = chat ?? this.chats()[0]?.id;
    if (wanted !== this.chat) await this.openChat(wanted);
  }

  /** The first line of the guide, offered in the own chat of its person until it was said or that person typed something. */
  suggest() {
    const first = this.store.state.guide?.[0]?.steps[0];
    const isNew = this.isOwn(this.chat) && first?.person === this.person && !this.spoken.has(this.person)
      && !this.store.list(this.chat).some((message) => message.sender.kind === "user" && message.text === first.say);
    this.composer.suggest(isNew ? first.say : "");
  }

  /** True for the chat that is meant when somebody just talks to the assistant. */
  isOwn(chatId) {
    return this.chats().find((chat) => chat.kind === "p2p")?.id === chatId;
  }

  onMessage(message, change) {
    if (!this.person || change !== "message") return;
    if (message.chat === this.chat) {
      this.suggest();
    } else if (message.sender.id !== this.person && (!message.only_for || message.only_for === this.person) && this.chats().some((chat) => chat.id === message.chat)) {
      this.unread.set(message.chat, (this.unread.get(message.chat) ?? 0) + 1);
      this.drawTabs();
    }
  }

  drawTabs() {
    if (!this.person) return;
    const bot = this.store.state.bot.name;
    const held = this.tabs.contains(document.activeElement);
    replaceChildren(this.tabs, this.chats().map((chat) => {
      const name = chat.kind === "p2p" ? ownChatName(chat, bot) : chat.name;
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
    const chats = this.chats();
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
