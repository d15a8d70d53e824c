// Tables, paged as the client pages them, and charts as the numbers behind them.

import { boxed, textOf } from "./card-text.js";
import { h, replaceChildren } from "./dom.js";
import { drawMarkdown, tone } from "./markdown.js";
import { dayKey } from "./format.js";

const MAX_PLAIN_COLUMNS = 4;

function number(value, format = {}) {
  if (typeof value !== "number" || !Number.isFinite(value)) return String(value ?? "");
  const digits = Number.isInteger(format.precision) ? { minimumFractionDigits: format.precision, maximumFractionDigits: format.precision } : {};
  return (format.symbol ?? "") + value.toLocaleString("en-US", { useGrouping: Boolean(format.separator ?? format.seperator), ...digits });
}

function cell(value, column, ctx) {
  switch (column.data_type) {
    case "number": return number(value, column.format);
    case "date": return value ? dayKey(Number(value)) : "";
    case "lark_md":
    case "markdown": return drawMarkdown(textOf(value), ctx.nameOf);
    case "persons": return [value].flat().map((id) => ctx.nameOf(id) || id).join("、");
    case "options": return [value].flat().map((one) => h("span", { class: `text-tag tone-${tone(one?.color)}` }, textOf(one?.text ?? one)));
    default: return textOf(value);
  }
}

function align(column) {
  const side = column.horizontal_align ?? (column.data_type === "number" ? "right" : "left");
  return ["center", "right"].includes(side) ? `align-${side}` : null;
}

function grid({ columns, rows, name, ctx }) {
  return h("table", { class: ["card-table", columns.length > MAX_PLAIN_COLUMNS && "is-wide-table"], "aria-label": name, role: "table" },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
      columns.map((column) => h("th", { scope: "col", role: "columnheader", class: align(column) }, column.display_name ?? column.name)))),
    h("tbody", { role: "rowgroup" }, rows.map((row) => h("tr", { role: "row" },
      columns.map((column) => h("td", { role: "cell", class: align(column), "data-label": column.display_name ?? column.name },
        h("span", {}, cell(row[column.name], column, ctx))))))));
}

export function drawTable(element, ctx) {
  const key = `page:${element.element_id ?? (ctx.serial += 1)}`;
  const size = Math.min(Math.max(element.page_size ?? 5, 1), 10);
  const rows = element.rows ?? [];
  const pages = Math.max(Math.ceil(rows.length / size), 1);
  const node = h("div", { class: "card-table-box" });

  const show = (wanted) => {
    const page = Math.min(Math.max(wanted, 0), pages - 1);
    ctx.state.set(key, page);
    const step = (by, text) => h("button", {
      type: "button", class: "card-button is-default size-small-button", disabled: page + by < 0 || page + by >= pages,
      on: { click: () => { show(page + by); node.querySelector(".card-pager button:not(:disabled)")?.focus(); } },
    }, text);
    replaceChildren(node,
      grid({ columns: element.columns ?? [], rows: rows.slice(page * size, (page + 1) * size), name: `${ctx.object} 表格`.trim(), ctx }),
      rows.length === 0 && h("p", { class: "card-note" }, "没有数据"),
      pages > 1 && h("div", { class: "card-pager" }, step(-1, "上一页"), h("span", { class: "note" }, `${page + 1} / ${pages}`), step(1, "下一页")));
  };
  show(ctx.state.get(key) ?? 0);
  return boxed(node, element);
}

/** The numbers of a chart: its kind, title and values, so that nothing is left to the picture alone. */
export function drawChart(element, ctx) {
  const spec = element.chart_spec ?? {};
  const values = [spec.data].flat().flatMap((one) => one?.values ?? []).filter((one) => one && typeof one === "object").slice(0, 24);
  const names = [...new Set(values.flatMap((one) => Object.keys(one)))].slice(0, MAX_PLAIN_COLUMNS);
  const columns = names.map((name) => ({ name, display_name: name, data_type: typeof values[0]?.[name] === "number" ? "number" : "text" }));
  const title = textOf(spec.title?.text) || "图表";
  return boxed(h("figure", { class: "card-chart" },
    h("figcaption", {}, h("span", { class: "card-chart-title" }, title), h("span", { class: "note" }, `${spec.type ?? "chart"} · 这里只列数据`)),
    columns.length ? grid({ columns, rows: values, name: title, ctx }) : h("p", { class: "card-note" }, "没有数据")), element);
}
