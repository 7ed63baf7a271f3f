// The page of `flashgen preview`: asks what the deck file holds now, twice a second, and shows a card of it.
"use strict";

const CHINESE = {
  front: "正面", back: "背面", both: "两面", phone: "手机", desktop: "电脑", day: "浅色", night: "深色",
  search: "搜索", card: "换卡片", space: "空格", flip: "翻面", width: "宽度", dark: "深浅", find: "搜索",
  kinds: "所有类别", tags: "所有标签", nothing: "没有符合条件的卡片", empty: "还没有可以显示的卡片",
  stale: "下面是出错之前的卡片", gone: "flashgen 已经停止；请重新运行 flashgen preview",
};
const chinese = navigator.language.startsWith("zh");
const word = (name, english) => (chinese && CHINESE[name]) || english;
const $ = id => document.getElementById(id);
const bar = $("bar");

let deck = { notes: [], problems: [] };
let shown = [];  // the notes that pass the filters
let at = { id: "", n: 0 };  // the card that is looked at

function make(tag, text, more = {}) {
  const element = Object.assign(document.createElement(tag), more);
  element.textContent = text;
  return element;
}

// -- what the server tells

async function ask() {
  try {
    const answer = await fetch("deck?version=" + (deck.version || ""));
    if (answer.status === 200) take(await answer.json());
    else if (!answer.ok) throw new Error();
    document.body.classList.remove("gone");
    tell(deck.problems);
  } catch {
    document.body.classList.add("gone");
    tell([{ text: word("gone", "flashgen has stopped; start `flashgen preview` again"), warning: false }]);
  }
  setTimeout(ask, 500);
}

function take(told) {
  const before = new Map(deck.notes.map(note => [note.id, note.hash]));
  const place = deck.notes.findIndex(note => note.id === at.id);
  deck = told;
  $("deck").textContent = deck.deck || deck.file;
  document.title = deck.deck || deck.file;
  choices($("kind"), word("kinds", "all kinds"), note => [note.kind]);
  choices($("tag"), word("tags", "all tags"), note => note.tags);
  filter();
  // The card that was just edited is the one to look at.
  const changed = before.size ? shown.filter(note => before.get(note.id) !== note.hash) : [];
  if (changed.length && !changed.some(note => note.id === at.id)) at = { id: changed[0].id, n: -1 };
  if (!deck.notes.some(note => note.id === at.id) && place >= 0)
    at = { id: (deck.notes[place] || deck.notes.at(-1) || at).id, n: -1 };
  draw();
}

function choices(select, all, values) {
  const counts = new Map();
  for (const note of deck.notes) for (const value of values(note)) counts.set(value, (counts.get(value) || 0) + 1);
  const kept = select.value;
  select.replaceChildren(make("option", `${all} (${deck.notes.length})`, { value: "" }));
  for (const [value, count] of [...counts].sort()) select.append(make("option", `${value} (${count})`, { value }));
  select.value = counts.has(kept) ? kept : "";
  select.hidden = !counts.size;
}

let told = "";
function tell(problems) {
  const now = JSON.stringify([problems, deck.stale, deck.notes.length]);
  if (now === told) return;
  told = now;
  const lines = problems.map(({ text, warning }) => make("p", text, { className: warning ? "warning" : "error" }));
  if (deck.stale && deck.notes.length) lines.push(make("p", word("stale", "the cards below are from before the error")));
  $("problems").replaceChildren(...lines);
  $("problems").hidden = !lines.length;
}

// -- the list

function filter() {
  const kind = $("kind").value, tag = $("tag").value, text = $("search").value.trim().toLowerCase();
  shown = deck.notes.filter(note => (!kind || note.kind === kind) && (!tag || note.tags.includes(tag))
    && (!text || `${note.text} ${note.id}`.toLowerCase().includes(text)));
  $("list").replaceChildren(...shown.map(note => {
    const row = make("li", "", { title: note.id });
    row.dataset.id = note.id;
    row.append(make("span", note.text), make("small", note.cards.length > 1 ? `${note.kind} · ${note.cards.length}` : note.kind));
    return row;
  }));
}

function refilter() {
  filter();
  draw();
}

function step(by) {
  const index = shown.findIndex(note => note.id === at.id);
  const cards = index < 0 ? [] : shown[index].cards.map(([n]) => n);
  const next = cards.indexOf(at.n) + by;
  if (cards[next] !== undefined) at.n = cards[next];
  else {
    const note = shown[Math.max(0, index + by)];
    if (note && note.id !== at.id) at = { id: note.id, n: note.cards.at(by < 0 ? -1 : 0)[0] };
  }
  draw();
}

// -- the card

function draw() {
  if (!shown.some(note => note.id === at.id)) at = { id: shown.length ? shown[0].id : at.id, n: -1 };
  const note = shown.find(note => note.id === at.id);
  $("card").hidden = !note;
  $("none").hidden = Boolean(note);
  $("none").textContent = deck.notes.length ? word("nothing", "no card is like that") : word("empty", "no cards to show yet");
  for (const row of $("list").children) {
    const here = row.dataset.id === at.id;
    if (here && !row.classList.contains("here")) row.scrollIntoView({ block: "nearest" });
    row.classList.toggle("here", here);
  }
  const { side, width, light } = Object.fromEntries(new FormData(bar));
  document.body.className = [document.body.classList.contains("gone") ? "gone" : "", side, width, light].join(" ").trim();
  if (!note) return;
  if (!note.cards.some(([n]) => n === at.n)) at.n = note.cards[0][0];
  history.replaceState(null, "", `#${encodeURIComponent(at.id)}/${at.n}`);
  $("where").textContent = `${deck.file}:${note.line} · ${note.id}`;
  $("tags").replaceChildren(...note.tags.map(tag => make("i", tag)));
  $("tabs").replaceChildren(...(note.cards.length > 1 ? note.cards : []).map(([n, name]) => {
    const tab = make("button", name, { type: "button", className: n === at.n ? "here" : "" });
    tab.dataset.n = n;
    return tab;
  }));
  const about = { guid: note.guid, n: at.n, key: note.hash + note.look };
  if (width === "phone") about.phone = 1;
  if (light === "night") about.night = 1;
  for (const name of ["front", "back"]) {
    const frame = $(name), address = "card?" + new URLSearchParams({ ...about, side: name });
    if (side !== "both" && side !== name || frame.dataset.address === address) continue;
    frame.dataset.address = address;
    frame.contentWindow.location.replace(address);  // setting src would fill the history
  }
}

// -- mouse and keyboard

let tabbing = false;  // going through the controls with the tab key
function press(event) {
  if (event.key === "Escape") event.target.blur();
  if (event.key === "Tab") tabbing = true;
  // Whoever types, or tabs through the controls, has other uses for the keys.
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("[type=search], [type=text], select") || tabbing && event.target.matches("input, button")) return;
  const turn = name => {
    const choice = [...bar.elements[name]];
    choice[(choice.findIndex(one => one.checked) + 1) % 2].checked = true;
    draw();
  };
  const keys = {
    ArrowDown: () => step(1), ArrowRight: () => step(1), j: () => step(1),
    ArrowUp: () => step(-1), ArrowLeft: () => step(-1), k: () => step(-1),
    " ": () => turn("side"), w: () => turn("width"), n: () => turn("light"), "/": () => $("search").focus(),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  if (document.activeElement.matches("iframe")) document.activeElement.blur();  // it may load now, and miss the next key
  keys[event.key]();
}

function listen(event) {
  const button = event.target.closest(".replay-button");
  if (!button) return;
  event.preventDefault();
  const speech = new SpeechSynthesisUtterance(button.dataset.say);
  speech.lang = button.dataset.lang.replace("_", "-");
  speechSynthesis.cancel();
  speechSynthesis.speak(speech);
}

for (const element of document.querySelectorAll("[data-word]")) {
  if ("placeholder" in element) element.placeholder = word(element.dataset.word, element.placeholder);
  else if (element.tagName !== "FIELDSET") element.textContent = word(element.dataset.word, element.textContent);
}
document.documentElement.lang = chinese ? "zh-CN" : "en";
document.addEventListener("keydown", press);
document.addEventListener("pointerdown", () => { tabbing = false; });
bar.addEventListener("change", draw);
$("filters").addEventListener("input", refilter);
$("list").addEventListener("click", event => {
  const row = event.target.closest("li");
  if (row) at = { id: row.dataset.id, n: -1 };
  draw();
});
$("tabs").addEventListener("click", event => {
  if (event.target.dataset.n) at.n = Number(event.target.dataset.n);
  draw();
});
for (const frame of document.querySelectorAll("iframe")) {
  frame.addEventListener("load", () => {
    frame.contentDocument.addEventListener("keydown", press);
    frame.contentDocument.addEventListener("click", listen);
  });
}
const [id, n] = location.hash.slice(1).split("/");
if (n) at = { id: decodeURIComponent(id), n: Number(n) };
ask();
