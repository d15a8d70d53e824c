// Puts the page together: one store, one column per person, the guide and the drawer around them.

import { Column } from "./column.js";
import { Drawer } from "./drawer.js";
import { h, replaceChildren } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { Outgoing } from "./outgoing.js";
import { Player } from "./player.js";
import { Rail } from "./rail.js";
import { Store } from "./store.js";
import { Topbar } from "./topbar.js";

const byId = (id) => document.getElementById(id);
const store = new Store();
const outgoing = new Outgoing(store);
const columns = [];
let active = 0;
let startedOver = false;

const narrow = matchMedia("(max-width: 899px)");
const player = new Player({ store, open: bringForward });
new Rail({ store, node: byId("rail"), demonstrate: (task) => player.play(task) });
const notify = (kind, content) => columns[active]?.toasts.show({ kind, content });
const drawer = new Drawer({ store, node: byId("drawer"), notify });
const keyboard = new Keyboard({
  focusInput: () => columns[active]?.focusInput(),
  pickPerson,
  closeOpen: () => closeRail() || drawer.close(),
  people: () => order().map((id) => store.person(id).name),
});
new Topbar({ store, node: byId("topbar"), notify, onHelp: () => keyboard.help(), onGuide: () => document.body.classList.toggle("rail-open") });

/** The people as Alt+1…9 counts them: those of the first columns, then everybody else. */
function order() {
  const first = store.state.columns.map((one) => one.person);
  return [...first, ...store.state.people.map((one) => one.id).filter((id) => !first.includes(id))];
}

function activate(index) {
  active = index;
  columns.forEach((column, at) => column.node.classList.toggle("is-active", at === index));
  drawPeople();
  placeRail();
}

function pickPerson(position) {
  const id = order()[position];
  if (!id) return;
  const shown = columns.findIndex((column) => column.person === id);
  if (shown >= 0) activate(shown);
  else columns[active].setPerson(id);
  columns[active].focusInput();
}

function drawPeople() {
  const focused = byId("people").contains(document.activeElement);
  replaceChildren(byId("people"), columns.map((column, index) => h("button", {
    type: "button", class: "person-tab", "aria-pressed": String(index === active), on: { click: () => activate(index) },
  }, store.person(column.person)?.name ?? "")));
  if (focused) byId("people").querySelector('[aria-pressed="true"]')?.focus();
}

/** On a phone the guide is the first thing in the chat; on a desk it stands at the right. */
function placeRail() {
  const node = byId("rail");
  const home = narrow.matches ? columns[active]?.stream.top : document.body;
  if (!home || node.parentElement === home) return;
  if (home === document.body) home.insertBefore(node, byId("drawer"));
  else home.append(node);
}

function closeRail() {
  const open = document.body.classList.contains("rail-open");
  document.body.classList.remove("rail-open");
  return open;
}

/** The person's column with this chat of theirs in front; somebody not shown takes the last column. */
async function bringForward({ person, platform, chat }) {
  let index = columns.findIndex((column) => column.person === person);
  if (index < 0) index = columns.length - 1;
  if (columns[index].person !== person || columns[index].platform !== platform) await columns[index].setPerson(person, { platform });
  closeRail();
  activate(index);
  await columns[index].show(chat);
  return columns[index];
}

function buildColumns() {
  const wanted = store.state.columns.filter((one) => store.person(one.person));
  if (columns.length !== wanted.length) {
    columns.splice(0);
    for (const index of wanted.keys()) {
      const column = new Column({ store, outgoing, index, onPersonChange: drawPeople });
      column.node.addEventListener("focusin", () => index !== active && !narrow.matches && activate(index));
      columns.push(column);
    }
    replaceChildren(byId("columns"), columns.map((column) => column.node));
  }
  columns.forEach((column, index) => {
    const { person, platform, chat } = wanted[index];
    if (!startedOver && store.person(column.person)) column.setPerson(column.person, { keepChat: true });
    else column.setPerson(person, { platform, chat });
  });
  activate(startedOver ? 0 : Math.min(active, columns.length - 1));
  startedOver = false;
}

/** Before anything could be loaded there is only this to say. */
function sayWaiting(connected) {
  if (!connected && !store.state) replaceChildren(byId("columns"), h("div", { class: "empty is-page" }, h("p", {}, "没连上本地模拟，正在再试")));
}

store.on("reset", () => { startedOver = true; });
store.on("state", buildColumns);
narrow.addEventListener("change", placeRail);
store.on("connection", sayWaiting);
store.listen();
