// What the page knows: the state, the messages of each opened chat, and the events that change them.

import * as api from "./api.js";

const RETRY_MS = 1500;
const SETTLE_MS = 600;

export class Store {
  constructor() {
    this.state = null;
    this.clockReadAt = 0;
    this.calls = [];
    this.chats = new Map(); // chat id -> Map of message id -> message
    this.loading = new Map(); // chat id -> promise
    this.typing = new Set();
    this.listeners = new Map();
  }

  on(name, listener) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name).add(listener);
    return () => this.listeners.get(name).delete(listener);
  }

  emit(name, detail) {
    for (const listener of [...(this.listeners.get(name) ?? [])]) listener(detail);
  }

  person(id) {
    return this.state.people.find((one) => one.id === id);
  }

  /** A name for any id a card or message may carry: a person's id or a platform's open id. */
  nameOf(id) {
    if (id === this.state.bot.open_id) return this.state.bot.name;
    const folded = String(id).toLowerCase();
    return this.state.people.find((one) => one.id.toLowerCase() === folded || one.open_id === id)?.name;
  }

  chat(id) {
    return this.state.chats.find((one) => one.id === id);
  }

  /** The person's own chats with the assistant on a platform first, then their groups there. */
  chatsOf(person, platform) {
    const mine = this.state.chats.filter((chat) => chat.members.includes(person) && chat.platform === platform);
    return [...mine.filter((chat) => chat.kind === "p2p"), ...mine.filter((chat) => chat.kind !== "p2p")];
  }

  async load() {
    const [state, calls] = await Promise.all([api.state(), api.calls().catch(() => [])]);
    this.state = state;
    this.clockReadAt = performance.now();
    this.calls = [...calls].reverse();
    this.chats.clear();
    this.loading.clear();
    this.typing.clear();
    this.emit("state", state);
    this.emit("calls");
  }

  async refreshState() {
    this.state = await api.state();
    this.clockReadAt = performance.now();
    this.emit("clock");
  }

  /** The messages of a chat, oldest first, fetched once and kept fresh by events. */
  async open(chatId) {
    if (!this.loading.has(chatId)) {
      const fetching = api.messages(chatId).then((list) => {
        const known = this.chats.get(chatId) ?? new Map();
        for (const message of list) {
          const newer = known.get(message.message_id);
          if (!newer || newer.updates <= message.updates) known.set(message.message_id, message);
        }
        this.chats.set(chatId, known);
      });
      fetching.catch(() => this.loading.delete(chatId));
      this.loading.set(chatId, fetching);
    }
    await this.loading.get(chatId);
    return this.list(chatId);
  }

  list(chatId) {
    return [...(this.chats.get(chatId)?.values() ?? [])].sort((a, b) => a.seq - b.seq);
  }

  /** The number of the newest message known of any chat. */
  newest() {
    return Math.max(0, ...[...this.chats.values()].flatMap((known) => [...known.values()].map((message) => message.seq)));
  }

  message(chatId, messageId) {
    return this.chats.get(chatId)?.get(messageId);
  }

  put(message, change) {
    const known = this.chats.get(message.chat) ?? new Map();
    known.set(message.message_id, message);
    this.chats.set(message.chat, known);
    this.emit("message", { message, change });
  }

  /** The platform's red line under a message, or in the chat when it belongs to none. */
  addError(chatId, messageId, code, text) {
    const message = this.message(chatId, messageId);
    if (!messageId) this.emit("chat-error", { chat: chatId, code, text });
    if (!message) return;
    const others = (message.errors ?? []).filter((one) => !(one.local && one.code === code));
    this.put({ ...message, errors: [...others, { code, text }] }, "error");
  }

  /** A code that an answer told of; the line itself comes by the event stream and takes the place of this one. */
  noteError(chatId, messageId, code, text) {
    const message = this.message(chatId, messageId);
    if (!message || (message.errors ?? []).some((one) => one.code === code)) return;
    this.put({ ...message, errors: [...(message.errors ?? []), { code, text, local: true }] }, "error");
  }

  /** Follows the events; everything is loaded once the stream stands, so that nothing falls between the two. */
  listen() {
    const source = new EventSource("/sim/events");
    source.addEventListener("open", () => this.reload());
    source.addEventListener("message", (event) => this.apply(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      this.emit("connection", false);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.listen(), RETRY_MS);
    });
  }

  async reload() {
    try {
      await this.load();
      this.emit("connection", true);
    } catch {
      this.emit("connection", false);
      setTimeout(() => this.reload(), RETRY_MS);
    }
  }

  apply(event) {
    if (!this.state) return;
    switch (event.type) {
      case "message":
      case "update":
      case "recall":
        if (!this.chat(event.message.chat)) this.refreshChats();
        this.put(event.message, event.type);
        this.lookAhead();
        break;
      case "toast":
        this.emit("toast", event);
        break;
      case "error":
        this.addError(event.chat, event.message_id, event.code, event.text);
        break;
      case "call":
        this.calls = [event.call, ...this.calls].slice(0, 300);
        this.emit("calls");
        break;
      case "clock":
        this.state.clock = { ...this.state.clock, now: event.now };
        this.state.next_due = event.next_due ?? null;
        this.clockReadAt = performance.now();
        this.emit("clock");
        break;
      case "typing":
        if (event.on) this.typing.add(event.chat);
        else this.typing.delete(event.chat);
        this.emit("typing", event.chat);
        break;
      case "chats":
        this.refreshChats();
        break;
      case "reset":
        this.emit("reset");
        this.reload();
        break;
      default:
        break;
    }
  }

  /** What the assistant does next by itself may have changed with what was just said; looked up once things settle. */
  lookAhead() {
    clearTimeout(this.looking);
    this.looking = setTimeout(async () => {
      try {
        this.state.next_due = (await api.clock()).next_due ?? null;
        this.emit("clock");
      } catch {
        // The next message looks again.
      }
    }, SETTLE_MS);
  }

  async refreshChats() {
    try {
      this.state = { ...(await api.state()), clock: this.state.clock, next_due: this.state.next_due };
      this.emit("chats");
    } catch {
      // The next event or reconnection brings the list.
    }
  }
}
