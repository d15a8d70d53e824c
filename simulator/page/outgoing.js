// Messages on their way: shown at once, marked 发送中 after 300 ms, kept with 〔重发〕 when they did not go out.

import * as api from "./api.js";

const SLOW_AFTER_MS = 300;
let serial = 0;

export class Outgoing {
  constructor(store) {
    this.store = store;
    this.items = [];
    store.on("message", ({ message, change }) => change === "message" && this.settle(message));
    store.on("state", () => { this.items = this.items.filter((item) => item.state === "failed"); });
    store.on("reset", () => { this.items = []; });
  }

  of(chat, person) {
    return this.items.filter((item) => item.chat === chat && item.person === person);
  }

  say({ person, chat, text, replyTo, byHand = true }) {
    const item = { person, chat, text, byHand, replyTo };
    return this.start(item, () => api.say(person, chat, text, replyTo));
  }

  upload({ person, chat, file, byHand = true }) {
    const item = { person, chat, text: "", file: { name: file.name, size: file.size }, byHand };
    return this.start(item, () => api.upload(person, chat, file));
  }

  start(item, send) {
    serial += 1;
    Object.assign(item, { localId: `local-${serial}`, send });
    this.items.push(item);
    return this.attempt(item);
  }

  retry(localId) {
    const item = this.items.find((one) => one.localId === localId);
    if (item) this.attempt(item);
  }

  drop(localId) {
    const item = this.items.find((one) => one.localId === localId);
    if (item) this.remove(item);
  }

  async attempt(item) {
    item.state = "sending";
    item.error = "";
    const slow = setTimeout(() => {
      item.state = "slow";
      this.changed(item);
    }, SLOW_AFTER_MS);
    this.changed(item);
    try {
      const answer = await item.send();
      clearTimeout(slow);
      this.remove(item);
      this.store.emit("said", item);
      if (!this.store.message(item.chat, answer.message_id)) await this.catchUp(item.chat);
      this.noteDelivery(item, answer);
    } catch (error) {
      clearTimeout(slow);
      if (item.settled) return;
      item.state = "failed";
      item.error = error.message;
      this.changed(item);
    }
  }

  /** The stream of events may be behind or cut; what was sent must be visible all the same. */
  async catchUp(chat) {
    const last = this.store.list(chat).at(-1)?.seq;
    try {
      for (const message of await api.messages(chat, last)) {
        if (!this.store.message(chat, message.message_id)) this.store.put(message, "message");
      }
    } catch {
      // The event stream reconnects and reloads by itself.
    }
  }

  noteDelivery(item, answer) {
    const code = answer.delivered?.code;
    if (code) this.store.noteError(item.chat, answer.message_id, code, `没送到${this.store.state.bot.name}`);
  }

  /** The real message has arrived, so its stand-in goes. */
  settle(message) {
    if (message.sender.kind !== "user") return;
    const item = this.items.find((one) => one.state !== "failed" && one.chat === message.chat && one.person === message.sender.id
      && (one.file ? one.file.name === (message.file?.name ?? one.file.name) && message.type !== "text" : one.text === message.text));
    if (!item) return;
    item.settled = true;
    this.remove(item);
  }

  remove(item) {
    this.items = this.items.filter((one) => one !== item);
    this.changed(item);
  }

  changed(item) {
    this.store.emit("outgoing", item);
  }
}
