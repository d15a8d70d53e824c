// One message of a chat as the person of a column sees it.

import { h, icon } from "./dom.js";
import { cardTitle, drawContent, imageUrl } from "./draw.js";
import * as format from "./format.js";
import { isWebAddress } from "./markdown.js";

const ADDRESS = /https?:\/\/[^\s<>"'，。；）」]+/g;

/** What the vendor's client tells its user about a callback that went wrong. */
const CODE_TEXTS = {
  200340: "卡片回调没配好，或组件没有回传值",
  200341: "对方 3 s 内没等到回答",
  200342: "对方连不上",
  200343: "对方的域名解析不了",
  200530: "表单里有组件没起名字",
  200671: "对方回的不是 200",
  200672: "对方回的内容格式不对",
  200673: "对方回的卡片不对",
  200830: "2.0 卡片不能换成 1.0",
};

/** One line that stands for a message, in a quote. */
export function summary(message) {
  if (!message) return "一条较早的消息";
  if (message.recalled) return "已撤回的消息";
  if (message.card) return `［卡片］${cardTitle(message.card)}`;
  if (message.file) return `［文件］${message.file.name}`;
  if (message.image_url) return "［图片］";
  return message.text ?? "";
}

/** Text with its web addresses as links. */
export function linked(text) {
  const nodes = [];
  let at = 0;
  for (const found of String(text ?? "").matchAll(ADDRESS)) {
    nodes.push(text.slice(at, found.index), h("a", { href: found[0], target: "_blank", rel: "noopener noreferrer" }, found[0]));
    at = found.index + found[0].length;
  }
  nodes.push(String(text ?? "").slice(at));
  return nodes;
}

const bubble = (...children) => h("div", { class: "bubble" }, ...children);

function fileBody(file) {
  const body = [icon("file"), h("span", { class: "file-name" }, file.name), h("span", { class: "note" }, format.size(file.size))];
  const open = file.url?.startsWith("/") || isWebAddress(file.url);
  return open
    ? h("a", { class: "bubble file", href: file.url, target: "_blank", rel: "noopener noreferrer", download: file.name }, body)
    : h("div", { class: "bubble file" }, body);
}

function imageBody(message) {
  const alt = message.text || `${message.sender.name}发的图片`;
  return h("a", { class: "image", href: message.image_url, target: "_blank", rel: "noopener noreferrer" }, h("img", { src: message.image_url, alt }));
}

/** A message of the bot in its platform's own shape; a card may look different to this person. */
function platformBody(message, view) {
  if (message.sender.kind !== "bot") return null;
  const { platform, face } = view.place();
  const card = message.card_for?.[view.person] ?? message.card;
  return drawContent({ platform, face, type: message.type, card, text: message.text }, {
    state: view.cardState(message.message_id),
    nameOf: (id) => view.nameOf(id),
    people: view.people(),
    imageUrl,
    say: (text) => view.say(text),
    onClick: (number, option, label) => view.press(message, label, { button: number, option }),
    onPress: (key, values, label) => view.press(message, label, { button: key, values }),
    onSubmit: (formName, button, values) => view.submit(message, button.text?.content, { button: button.name ?? button.text?.content, values }),
  });
}

function body(message, view) {
  const drawn = platformBody(message, view);
  if (drawn) return drawn;
  if (message.image_url) return imageBody(message);
  if (message.file) return fileBody(message.file);
  return bubble(linked(message.text));
}

function errorLines(message) {
  const counted = new Map();
  for (const { code, text } of message.errors ?? []) {
    const line = [code, text || CODE_TEXTS[code] || "对方平台出错"].filter(Boolean).join(" · ");
    counted.set(line, (counted.get(line) ?? 0) + 1);
  }
  return [...counted].map(([line, times]) => h("p", { class: "message-error" }, `✗ ${line}${times > 1 ? `（${times} 次）` : ""}`));
}

function quote(message, view) {
  if (!message.parent_id) return null;
  const parent = view.find(message.parent_id);
  const who = parent ? `${parent.sender.name}：` : "";
  return h("button", { type: "button", class: "quote", "aria-label": `回复的是 ${who}${summary(parent)}`, on: { click: () => view.jump(message.parent_id) } },
    `${who}${summary(parent)}`);
}

/** `view` is the stream: who looks, what chat it is, and what can be done. `follows` hides a repeated sender line. */
export function drawMessage(message, view, { follows = false } = {}) {
  const own = message.sender.kind === "user" && message.sender.id === view.person;
  const node = h("div", {
    class: ["message", own && "is-own", message.card && "has-card", message.recalled && "is-recalled"],
    "data-message-id": message.message_id,
  });
  if (message.recalled) {
    node.append(h("p", { class: "system-line" }, `${own ? "你" : message.sender.name}撤回了一条消息`));
    return node;
  }
  if (message.type === "system") {
    node.append(h("p", { class: "system-line" }, message.text));
    return node;
  }
  const time = format.time(message.created_at);
  const state = message.edited ? "已编辑" : message.updates > 0 ? "已更新" : "";
  const reply = h("button", {
    type: "button", class: "reply", "aria-label": `回复${own ? "自己" : message.sender.name}：${summary(message)}`.slice(0, 60),
    on: { click: () => view.reply(message) },
  }, icon("reply"));
  const meta = h("div", { class: ["meta", follows && "is-short"] },
    !own && !follows && h("span", { class: ["avatar is-small", message.sender.kind === "bot" && "is-bot"], "aria-hidden": "true" }, format.initials(message.sender.name)),
    h("span", { class: own || follows ? "sr-only" : "meta-name" }, message.sender.name),
    h("time", { class: follows && !state ? "sr-only" : null, datetime: message.created_at }, time), state && h("span", {}, state), message.only_for && h("span", {}, "只有你能看到"),
    message.card && reply);
  node.append(meta, ...[quote(message, view), h("div", { class: "message-body" }, body(message, view), !message.card && reply)].filter(Boolean), ...errorLines(message));
  return node;
}

/** A message that is still on its way, or that did not go out. */
export function drawOutgoing(item, actions) {
  const failed = item.state === "failed";
  const content = item.file ? h("div", { class: "bubble file" }, icon("file"), h("span", { class: "file-name" }, item.file.name), h("span", { class: "note" }, format.size(item.file.size)))
    : bubble(item.text);
  const node = h("div", { class: "message is-own is-outgoing", "data-local-id": item.localId }, h("div", { class: "message-body" }, content));
  if (item.state === "slow") node.append(h("p", { class: "message-state" }, "发送中"));
  if (failed) {
    node.append(h("p", { class: "message-state is-failed" }, `没发出 · ${item.error}`,
      h("button", { type: "button", class: "text-button", on: { click: actions.retry } }, "重发"),
      h("button", { type: "button", class: "text-button", on: { click: actions.drop } }, "不发了")));
  }
  return node;
}
