// Shows a task of the guide being done: in the right column and chat, at a pace that eyes can follow.

import { pause } from "./dom.js";

const LOOK_MS = 600;
const PATIENCE_MS = 8000;
const POLL_MS = 100;

export class Player {
  /** `open` brings a person and a chat to the front and gives their column. */
  constructor({ store, open }) {
    Object.assign(this, { store, open });
  }

  async play(task) {
    const before = this.store.newest();
    let said = false;
    for (const step of task.steps) {
      const column = await this.open(step);
      if (step.press) {
        await this.press(column, step.press, said ? before : 0);
      } else {
        await (step.say ? column.typeOut(step.say) : column.sendSample(step.send));
        said = true;
      }
    }
  }

  /** Presses the button on the newest card that has it; what was just said must have brought that card. */
  async press(column, label, after) {
    const button = await this.found(() => column.stream.button(label, after));
    if (!button) {
      column.toasts.show({ kind: "warning", content: `这里现在没有〔${label}〕可点` });
      return;
    }
    button.scrollIntoView({ block: "center" });
    button.focus({ preventScroll: true });
    button.classList.add("is-shown");
    await pause(LOOK_MS);
    const article = button.closest("article");
    button.click();
    await pause(LOOK_MS);
    article.querySelector("dialog[open] .dialog-actions button:last-child")?.click();
    await this.found(() => button.getAttribute("aria-busy") !== "true");
    button.classList.remove("is-shown");
  }

  async found(look) {
    for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
      const seen = look();
      if (seen) return seen;
      await pause(POLL_MS);
    }
    return null;
  }
}
