const origin = document.documentElement.dataset.draw;
const [{ drawContent }, { platformName }] = await Promise.all([import(`${origin}/page/draw.js`), import(`${origin}/page/format.js`)]);
const main = document.getElementById("cards");

const parsed = (content) => (typeof content === "string" ? JSON.parse(content) : content);

/** DingTalk's messages of words, by the key that says what their parameters are. */
const WORDS = { sampleText: (p) => ({ type: "text", text: p.content }), sampleMarkdown: (p) => ({ type: "markdown", text: p.text }), sampleImageMsg: () => ({ type: "image", text: "［图片］" }) };

/** What a platform is sent, as messages of {type, card, text}: pictures that go first, then the message itself. */
const READERS = {
  feishu: (message) => {
    const content = parsed(message.content);
    return [message.msg_type === "interactive" ? { type: "interactive", card: content } : { type: message.msg_type, text: content.text ?? "［图片］" }];
  },
  wecom: (message, chat) => [...(message.before ?? []), message].map((one) => {
    const body = one[one.msgtype];
    return { type: chat.startsWith("bot") && one.msgtype === "markdown" ? "markdown_v2" : one.msgtype, card: body, text: one.msgtype === "image" ? "［图片］" : body.content ?? "" };
  }),
  dingtalk: (message) => {
    if (message.template) return [{ type: "card", card: { cardParamMap: message[message.template] } }];
    const { msgKey, msgParam } = message.words ?? message;
    return [(WORDS[msgKey] ?? (() => ({ type: "text", text: msgKey })))(parsed(msgParam))];
  },
};

const CHATS = { app: "应用", bot: "智能机器人", "bot-group": "智能机器人群", appchat: "应用群", hook: "群消息推送", direct: "单聊", group: "群", form: "表单模板" };

function element(tag, name, text) {
  const node = document.createElement(tag);
  node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

function drawFace({ platform, chat, message }) {
  const face = element("div", "face");
  Object.assign(face.dataset, { platform, chat });
  face.append(element("h3", "", [platformName(platform), CHATS[chat] ?? chat].filter(Boolean).join(" · ")));
  for (const one of READERS[platform](message, chat)) {
    face.append(drawContent({ platform, face: chat.split("-")[0], ...one }) ?? element("p", "bubble", one.text));
  }
  return face;
}

for (const { name, messages } of await (await fetch("gallery.json")).json()) {
  const section = document.createElement("section");
  section.id = name.replace(/[^a-z0-9]+/g, "-");
  const row = element("div", "faces");
  row.append(...messages.map(drawFace));
  section.append(element("h2", "", name), row);
  main.append(section);
}
document.body.dataset.ready = "yes";
