// 五分钟看懂: a few things worth doing, each can be shown being done, and is ticked when somebody did it by hand.

import { h, icon, replaceChildren } from "./dom.js";
import { read, write } from "./topbar.js";

const DONE = "dealdesk-guide-done";

/** What counts as doing it by hand: the same line, blanks and a mention aside. */
const wording = (line) => String(line).replace(/^@\S+\s*/, "").replace(/\s+/g, "").toLowerCase();

/** The act that a task is about: the one it names, else its first step. */
function actOf(task) {
  if (task.done === "send") return { send: true };
  return task.done ? { press: task.done } : task.steps[0];
}

export class Rail {
  constructor({ store, node, demonstrate }) {
    Object.assign(this, { store, node, demonstrate });
    this.done = new Set(JSON.parse(read(DONE) || "[]"));
    this.busy = false;
    store.on("state", () => this.draw());
    store.on("said", (item) => item.byHand && this.tick(item.file ? (act) => act.send : (act) => act.say && wording(act.say) === wording(item.text)));
    store.on("pressed", ({ label }) => !this.busy && this.tick((act) => act.press === label));
    store.on("started-over", () => {
      this.done.clear();
      write(DONE, null);
      this.draw();
    });
  }

  tick(isIt) {
    const tried = (this.store.state.guide ?? []).filter((task) => isIt(actOf(task)) && !this.done.has(task.title));
    if (!tried.length) return;
    for (const task of tried) this.done.add(task.title);
    write(DONE, JSON.stringify([...this.done]));
    this.draw();
  }

  draw() {
    const guide = this.store.state?.guide ?? [];
    replaceChildren(this.node,
      h("div", { class: "rail-head" }, h("h2", { id: "rail-title" }, "五分钟看懂"),
        h("p", { class: "note" }, guide.length ? `${guide.filter((one) => this.done.has(one.title)).length} / ${guide.length} 已亲手试过` : "还没有可试的。")),
      h("ol", { class: "guide" }, guide.map((task, index) => this.drawTask(task, index))));
  }

  drawTask(task, index) {
    const done = this.done.has(task.title);
    return h("li", { class: ["guide-item", done && "is-done"] },
      h("span", { class: "guide-mark", "aria-hidden": "true" }, done ? icon("check") : index + 1),
      h("div", { class: "guide-body" },
        h("div", { class: "guide-line" },
          h("h3", {}, task.title, done && h("span", { class: "sr-only" }, "，试过了")),
          h("button", {
            type: "button", class: "btn", disabled: this.busy, "aria-label": `演示一下 ${task.title}`, on: { click: () => this.play(task) },
          }, "演示一下")),
        task.hint && h("p", { class: "note" }, task.hint),
        h("ol", { class: "guide-steps" }, task.steps.map((step) => this.drawStep(step)))));
  }

  drawStep(step) {
    const who = this.store.person(step.person)?.name ?? "";
    const where = step.chat ? `在${this.store.chat(step.chat)?.name ?? "群"}` : "";
    const what = step.press ? `点〔${step.press}〕` : step.say ?? "发一张照片";
    return h("li", { class: "guide-say" }, h("span", { class: "note" }, `${who}${where} `), what);
  }

  async play(task) {
    this.busy = true;
    this.draw();
    try {
      await this.demonstrate(task);
    } finally {
      this.busy = false;
      this.draw();
    }
  }
}
