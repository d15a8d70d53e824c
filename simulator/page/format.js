// Dates, sizes and names as people read them. All instants are shown in the company's time, UTC+8.

const PARTS = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", weekday: "short",
  hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

function parts(instant) {
  const found = {};
  for (const { type, value } of PARTS.formatToParts(new Date(instant))) found[type] = value;
  return found;
}

export const dayKey = (instant) => {
  const p = parts(instant);
  return `${p.year}-${p.month}-${p.day}`;
};

/** "11-19 周四" */
export function day(instant) {
  const p = parts(instant);
  return `${p.month}-${p.day} ${p.weekday}`;
}

/** "09:10" */
export function time(instant) {
  const p = parts(instant);
  return `${p.hour}:${p.minute}`;
}

export const dayAndTime = (instant) => `${day(instant)} ${time(instant)}`;

export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const ROLES = {
  rep: "销售", supervisor: "主管", director: "总监", marketing: "市场", marketing_lead: "市场主管", presales: "售前",
  legal: "法务", ops: "运营", admin: "管理员",
};

export const roleName = (role) => String(role ?? "").split(";").map((one) => ROLES[one] ?? one).filter(Boolean)[0] ?? "";

const PLATFORMS = { feishu: "飞书", wecom: "企业微信", dingtalk: "钉钉" };

export const platformName = (platform) => PLATFORMS[platform] ?? platform ?? "";

/** The one or two characters in a round avatar. */
export const initials = (name) => Array.from(String(name ?? "")).slice(0, 1).join("") || "·";
