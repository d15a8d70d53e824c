// 试一试: a few things worth doing, each can be shown being done, and is ticked when somebody did it by hand.

import { h, icon, replaceChildren } from "./dom.js";
import { read, write } from "./topbar.js";

const DONE = "dealdesk-guide-done";

/** What counts as doing it by hand: the same line, blanks and a mention aside. */
const wording = (line) => String(line).replace(/^@\S+\s*/, "").replace(/\s+/g, "").toLowerCase();

export class Rail {
  constructor({ store, node, demonstrate }) {
    Object.assign(this, { store, node, demonstrate });
    this.done = new Set(JSON.parse(read(DONE) || "[]"));
    this.busy = false;
    store.on("state", () => this.draw());
    store.on("said", (item) => item.byHand && this.tick(item));
    store.on("started-over", () => {
      this.done.clear();
      write(DONE, null);
      this.draw();
    });
  }

  tick({ text }) {
    for (const item of this.store.state.guide ?? []) {
      if (text && wording(text) === wording(item.say)) this.done.add(item.title);
    }
    write(DONE, JSON.stringify([...this.done]));
    this.draw();
  }

  draw() {
    const guide = this.store.state?.guide ?? [];
    replaceChildren(this.node,
      h("div", { class: "rail-head" }, h("h2", { id: "rail-title" }, "试一试"),
        h("p", { class: "note" }, guide.length ? `${guide.filter((one) => this.done.has(one.title)).length} / ${guide.length} 已亲手试过` : "还没有可试的。")),
      h("ol", { class: "guide" }, guide.map((item, index) => this.drawItem(item, index))));
  }

  drawItem(item, index) {
    const done = this.done.has(item.title);
    const who = this.store.person(item.person)?.name ?? "";
    return h("li", { class: ["guide-item", done && "is-done"] },
      h("span", { class: "guide-mark", "aria-hidden": "true" }, done ? icon("check") : index + 1),
      h("div", { class: "guide-body" },
        h("div", { class: "guide-line" },
          h("h3", {}, item.title, done && h("span", { class: "sr-only" }, "，试过了")),
          item.say && h("button", {
            type: "button", class: "btn", disabled: this.busy, "aria-label": `演示一下 ${item.title}`, on: { click: () => this.play(item) },
          }, "演示一下")),
        item.hint && h("p", { class: "note" }, item.hint),
        item.say && h("p", { class: "guide-say" }, h("span", { class: "note" }, `${who} `), item.say)));
  }

  async play(item) {
    this.busy = true;
    this.draw();
    try {
      await this.demonstrate(item);
    } finally {
      this.busy = false;
      this.draw();
    }
  }
}
