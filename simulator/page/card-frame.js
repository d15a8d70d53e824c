// What cards of every platform have in common: the article, the name of what it is about, and walking between its buttons.

import { h } from "./dom.js";

/** The thing a card is about, for the names of its buttons: an id when its words have one, else its title. */
export function objectIn(title, ...more) {
  const text = [title, ...more].filter(Boolean).join(" ");
  return text.match(/[A-Z]{2}-\d{8}-\d+/)?.[0] ?? text.match(/#\d+/)?.[0] ?? String(title ?? "");
}

/** How a button is called for screen readers: its words and what it is about. */
export function pressName(text, object, opens) {
  return [text, object && !text.includes(object) && object, opens && "（新窗口）"].filter(Boolean).join(" ");
}

/** ← and → walk between the buttons of one card. */
function walkButtons(event) {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const here = event.target.closest("button");
  if (!here) return;
  const all = [...event.currentTarget.querySelectorAll("button")].filter((one) => !one.disabled && one.offsetParent && !one.closest("dialog"));
  const next = all[all.indexOf(here) + (event.key === "ArrowLeft" ? -1 : 1)];
  if (!all.includes(here) || !next) return;
  event.preventDefault();
  next.focus();
}

/** The article around a card. */
export function frame(platform, label, ...children) {
  const article = h("article", { class: ["card", `is-${platform}`], "data-platform": platform, "aria-label": label }, ...children);
  article.addEventListener("keydown", walkButtons);
  return article;
}

/** Guards against a double press, and shows a wait only when there is one. */
export async function whileBusy(button, act) {
  button.setAttribute("aria-busy", "true");
  const timer = setTimeout(() => button.classList.add("is-waiting"), 300);
  try {
    await act();
  } finally {
    clearTimeout(timer);
    button.removeAttribute("aria-busy");
    button.classList.remove("is-waiting");
  }
}

/** A picture of a card by its key or address; a word in its place when it cannot be had. */
export function picture(key, alt, handlers) {
  const url = key && handlers.imageUrl?.(key);
  if (!url) return h("div", { class: "card-no-image", role: "img", "aria-label": alt || "图片" }, alt || "图片");
  const img = h("img", { src: url, alt: alt || "图片", loading: "lazy" });
  img.addEventListener("error", () => img.replaceWith(picture("", alt, handlers)));
  return img;
}
