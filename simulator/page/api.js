// The simulator's own API under /sim/. Every failure becomes an ApiError whose message can be shown as it is.

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError("没连上本地模拟", 0);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(body.error || `没办成（${response.status}）`, response.status);
  return body;
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const state = () => call("/sim/state");

export const messages = (chat, after) =>
  call(`/sim/messages?chat=${encodeURIComponent(chat)}${after ? `&after=${after}` : ""}`).then((body) => body.messages);

export const say = (user, chat, text, replyTo) =>
  post("/sim/say", { user, chat, text, ...(replyTo ? { reply_to: replyTo } : {}) });

export function upload(user, chat, file) {
  const form = new FormData();
  form.append("user", user);
  form.append("chat", chat);
  form.append("file", file, file.name);
  return call("/sim/upload", { method: "POST", body: form });
}

/** `pressed` is {button, option, values}, as far as they are there. */
export const click = (user, messageId, pressed) => post("/sim/click", { user, message_id: messageId, ...pressed });

export const submit = (user, messageId, pressed) => post("/sim/submit", { user, message_id: messageId, ...pressed });

export const menu = (user, platform, face, key) => post("/sim/menu", { user, platform, face, key });

export const calls = (limit = 100) => call(`/sim/calls?limit=${limit}`).then((body) => body.calls ?? []);

export const clock = () => call("/sim/clock");
export const advance = (length) => post("/sim/clock", { advance: length });
export const advanceTo = (instant) => post("/sim/clock", { to: instant });

export const faults = () => call("/sim/faults");
export const addFault = (fault) => post("/sim/faults", fault);
export const clearFaults = () => call("/sim/faults", { method: "DELETE" });

export const reset = () => post("/sim/reset", { start_over: true });
