// Puts the page together: one state; what is typed, clicked or pressed changes it, and the parts are drawn from it.

import { KIND_HUES } from "./colours.js";
import { counted, decode, folders, KIND_GROUPS, number } from "./data.js";
import { Details } from "./details.js";
import { byId, declaration, element } from "./dom.js";
import { List } from "./list.js";
import { flat, ranked, sorted } from "./rows.js";
import { parse, SearchIndex } from "./search.js";
import { Treemap } from "./treemap.js";

const repo = decode(JSON.parse(byId("data").textContent));
const state = { request: "", ranking: -1, kind: "", chosen: null, isOpen: false };
const index = new SearchIndex(repo);
const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const isNarrow = () => matchMedia("(max-width: 719px)").matches;

const list = new List((row, byKeyboard) => open(row, byKeyboard));
const details = new Details(repo, { open: (row) => open(row, true), close, ranking: showRanking });
const picture = new Treemap(repo, folders(repo.files), { hover: showHint, file: (file) => open({ file }, false), folder: showFolder });

// --- the list

const LIT = 40; // files of a ranking that the picture shows: it ranks nearly all

function rank() {
  const query = parse(state.request);
  const { parts, isSearch } = ranked(repo, index, state, query);
  const isAll = !isSearch && !state.kind && state.ranking < 0;
  list.show(flat(parts), query.terms, repo.files[0]?.score || 1);
  const lit = isSearch || state.kind ? parts : parts.slice(0, LIT);
  picture.matches = isAll || !parts.length ? null : new Set(lit.map(({ file }) => file.id));
  picture.drawSoon();
  const files = counted(parts.length, "file");
  const about = state.ranking < 0 ? "most important first" : "best first, computed ahead";
  const found = parts.length ? `${files} ${parts.length === 1 ? "matches" : "match"}, best first` : "Nothing matches";
  byId("count").textContent = isSearch ? found : `${files}, ${about}`;
  const nothing = byId("nothing");
  nothing.hidden = parts.length > 0;
  nothing.textContent = repo.files.length
    ? "Fewer or shorter words may help, or another choice under Show."
    : "There are no files in this repository.";
}

let timer = 0;
byId("request").addEventListener("input", ({ target }) => {
  state.request = target.value;
  cancelAnimationFrame(timer);
  timer = requestAnimationFrame(rank);
});
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  if (list.rows.length) list.choose(0, true);
});
byId("request").addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" || !list.rows.length) return;
  event.preventDefault();
  list.box.focus();
});

function showRanking(number) {
  state.ranking = number;
  state.request = byId("request").value = "";
  byId("ranking").value = String(number);
  rank();
  if (isNarrow()) showTab("map");
}

function fillChoices() {
  const named = ({ request, inHand }) => request || `With ${inHand.map(({ name }) => name).join(", ")} in hand`;
  const option = (value, text) => element("option", { value }, text);
  const asked = [];
  const inHand = [];
  for (const [place, ranking] of repo.rankings.entries()) {
    (ranking.request ? asked : inHand).push(option(place, named(ranking)));
  }
  byId("ranking").append(
    option(-1, "Overview"),
    ...(asked.length ? [element("optgroup", { label: "Requests, ranked ahead" }, ...asked)] : []),
    ...(inHand.length ? [element("optgroup", { label: "With a file in hand" }, ...inHand)] : []),
  );
  const kinds = [...new Set(repo.files.map(({ kind }) => kind))].sort();
  byId("kind").append(
    option("", "Everything"),
    element("optgroup", { label: "Definitions" }, ...KIND_GROUPS.map(({ id, label }) => option(id, label))),
    element("optgroup", { label: "Files" }, ...kinds.map((kind) => option(`file:${kind}`, `${kind[0].toUpperCase()}${kind.slice(1)}`))),
  );
  byId("size").append(option("rank", "Rank"), option("lines", "Lines"), option("history", "Commits"));
  byId("colour").append(option("folder", "Folder"), option("kind", "Kind"), option("rank", "Rank"), option("history", "History"));
}

byId("ranking").addEventListener("change", ({ target }) => showRanking(Number(target.value)));
byId("kind").addEventListener("change", ({ target }) => {
  state.kind = target.value;
  rank();
});

// --- what is chosen

/** Choose a row; by keyboard the focus goes to the details. */
function open(row, byKeyboard, isFromHistory = false) {
  state.chosen = row;
  state.isOpen = true;
  if (!isFromHistory) remember(row);
  document.body.classList.add("open");
  details.show(row, state.request ? null : repo.rankings[state.ranking]);
  list.mark(row);
  if (!picture.nodes?.has(row.file.id)) showFolder("");
  picture.choose(row.file);
  drawLegend();
  hideHint();
  say(row.definition ? `${row.definition.name} in ${row.file.path}` : `${row.file.path}, file ${number(row.file.id + 1)}`);
  if (isNarrow()) {
    const isInPicture = document.body.dataset.tab === "picture" && !byKeyboard;
    if (isInPicture) showCard(row.file);
    else showTab("details");
  }
  if (byKeyboard) details.box.focus({ preventScroll: true });
}

function close() {
  const hadFocus = details.box.contains(document.activeElement);
  state.chosen = null;
  state.isOpen = false;
  document.body.classList.remove("open");
  byId("card").hidden = true;
  details.show(null);
  list.mark(null);
  picture.choose(null);
  drawLegend();
  if (location.hash) remember(null);
  if (hadFocus) list.box.focus();
}

function remember(row) {
  const target = row ? `#${encodeURI(row.file.path)}${row.definition ? `:${row.definition.line}` : ""}` : "#";
  if (target === (location.hash || "#")) return;
  try {
    history.pushState(null, "", target);
  } catch {
    // some browsers allow no history in a file
  }
}

function openFromAddress() {
  let wanted = "";
  try {
    wanted = decodeURI(location.hash.slice(1));
  } catch {
    return;
  }
  const [, path, line] = wanted.match(/^(.*?)(?::(\d+))?$/s);
  const file = repo.files.find((each) => each.path === path || each.path === wanted);
  if (!file) return void (state.chosen && close());
  open({ file, definition: file.path === wanted ? undefined : file.definitions.find((each) => each.line === Number(line)) }, false, true);
}
addEventListener("popstate", openFromAddress);

const say = (text) => (byId("said").textContent = text);

// --- the picture

function showFolder(path) {
  hideHint();
  picture.show(path, isStill());
  drawCrumbs();
  say(path || repo.title);
}

function drawCrumbs() {
  const parts = picture.path ? picture.path.split("/") : [];
  const crumb = (text, path, isLast) =>
    element("button", { type: "button", "aria-current": isLast ? "location" : null, onclick: () => showFolder(path) }, text);
  const crumbs = [crumb(repo.title || "/", "", !parts.length)];
  for (const [place, part] of parts.entries()) {
    const path = parts.slice(0, place + 1).join("/");
    crumbs.push(element("span", { "aria-hidden": "true" }, "/"), crumb(part, path, place === parts.length - 1));
  }
  byId("crumbs").replaceChildren(...crumbs);
}

const AREAS = { rank: "the higher it ranks", lines: "the more lines it has", history: "the more commits touched it" };

function drawLegend() {
  const { colours, by } = picture;
  const swatch = (background, text) => element("span", {}, element("i", { style: { background } }), text);
  const ramp = (name, low, high) => {
    const stops = [0, 0.25, 0.5, 0.75, 1].map(colours[name]).join(", ");
    return element("span", {}, low, element("i", { class: "ramp", style: { background: `linear-gradient(90deg, ${stops})` } }), high);
  };
  const present = new Set(repo.files.map(({ kind }) => kind));
  const own = {
    folder: [element("span", {}, `A cell is a file, larger ${AREAS[picture.size]}.`)],
    kind: Object.keys(KIND_HUES).filter((kind) => present.has(kind)).map((kind) => swatch(colours.hue(KIND_HUES[kind]), kind)),
    rank: [ramp("rank", "low rank", "high")],
    history: [ramp("heat", "1 commit", "many"), swatch(colours.plain, `none of the last ${number(repo.commits)}`)],
  }[by];
  const stroke = (colour, text) => element("span", {}, element("i", { class: "stroke", style: { borderColor: colour } }), text);
  const lines = state.chosen && picture.hasLinks ? [stroke(colours.uses, "uses"), stroke(colours.used, "used by")] : [];
  if (lines.length) lines[0].classList.add("end");
  byId("legend").replaceChildren(...own, ...lines);
}

byId("size").addEventListener("change", ({ target }) => {
  picture.size = target.value;
  picture.layout();
  drawLegend();
});
byId("colour").addEventListener("change", ({ target }) => {
  picture.by = target.value;
  picture.draw();
  drawLegend();
});
byId("links").addEventListener("click", ({ currentTarget }) => {
  picture.hasLinks = !picture.hasLinks;
  currentTarget.setAttribute("aria-pressed", String(picture.hasLinks));
  picture.drawOver();
  drawLegend();
});

picture.box.addEventListener("keydown", (event) => {
  const at = picture.hovered?.data.file ?? state.chosen?.file;
  if (event.key.startsWith("Arrow")) pointAt(picture.beside(at, event.key));
  else if (event.key === "Enter" && at) open({ file: at }, true);
  else if (event.key === "+" && at) showFolder(folderBelow(at));
  else if (event.key === "-") showFolder(folderAbove());
  else return;
  event.preventDefault();
});

/** Point at a file as the mouse does, and say which. */
function pointAt(file) {
  const node = file && picture.nodes.get(file.id);
  if (!node) return;
  const { left, top } = picture.box.getBoundingClientRect();
  picture.hover(node, { clientX: left + node.x1, clientY: top + node.y1 });
  say(`${file.path}, file ${number(file.id + 1)}`);
}

function folderBelow(file) {
  const path = picture.nodes.get(file.id).ancestors().reverse()[1];
  return path?.children ? path.data.path : picture.path;
}

const folderAbove = () => {
  const shown = picture.path;
  let above = shown.slice(0, Math.max(0, shown.lastIndexOf("/")));
  while (above && !hasPicture(above)) above = above.slice(0, Math.max(0, above.lastIndexOf("/")));
  return above;
};
const hasPicture = (path) => {
  const found = (folder) => folder.path === path || folder.folders.some(found);
  return found(picture.tree);
};

// --- what is pointed at

function brief(file) {
  const parts = [`file ${number(file.id + 1)} of ${number(repo.files.length)}`, file.kind];
  if (file.lines) parts.push(counted(file.lines, "line"));
  if (repo.commits) parts.push(file.commits ? counted(file.commits, "commit") : "no recent commits");
  return element(
    "div",
    { class: "brief" },
    element("strong", {}, file.path),
    element("p", {}, parts.join(" · ")),
    element("ul", {}, ...sorted(file).slice(0, 5).map((each) => element("li", { class: "code" }, ...declaration(each)))),
  );
}

function briefFolder(node) {
  const files = node.leaves().length;
  return element("div", { class: "brief" }, element("strong", {}, node.data.path), element("p", {}, `${counted(files, "file")} · click to go in`));
}

function showHint(node, event) {
  const hint = byId("hint");
  if (!node || !event || isNarrow()) return hideHint();
  if (hint.node !== node) hint.replaceChildren(node.data.file ? brief(node.data.file) : briefFolder(node));
  hint.node = node;
  hint.hidden = false;
  const { offsetWidth: width, offsetHeight: height } = hint;
  const x = event.clientX + 16 + width > innerWidth ? event.clientX - width - 12 : event.clientX + 16;
  const y = event.clientY + 18 + height > innerHeight ? event.clientY - height - 12 : event.clientY + 18;
  hint.style.transform = `translate(${Math.max(4, x)}px, ${Math.max(4, y)}px)`;
}

function hideHint() {
  byId("hint").hidden = true;
}

/** On a phone, where nothing can be pointed at, the same in a card. */
function showCard(file) {
  const more = element("button", { type: "button", class: "toggle", onclick: () => showTab("details") }, "Details");
  byId("card").replaceChildren(brief(file), more);
  byId("card").hidden = false;
}

// --- the frame of the page

function showTab(name) {
  document.body.dataset.tab = name;
  for (const button of document.querySelectorAll(".tabs button")) {
    button.setAttribute("aria-pressed", String(button.dataset.tab === name));
  }
}
for (const button of document.querySelectorAll(".tabs button")) button.addEventListener("click", () => showTab(button.dataset.tab));

const THEMES = { system: "Theme: system", light: "Theme: light", dark: "Theme: dark" };
const dark = matchMedia("(prefers-color-scheme: dark)");
let theme = stored("trigpoint-theme", "system");

function stored(key, otherwise) {
  try {
    const value = localStorage.getItem(key);
    return Object.hasOwn(THEMES, value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

function applyTheme() {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = THEMES[theme];
  picture.setTheme(theme === "dark" || (theme === "system" && dark.matches));
  picture.draw();
  drawLegend();
}
dark.addEventListener("change", applyTheme);
byId("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  theme = names[(names.indexOf(theme) + 1) % names.length];
  try {
    localStorage.setItem("trigpoint-theme", theme);
  } catch {
    // a file may have no storage: the choice then lasts as long as the page
  }
  applyTheme();
});

byId("help").addEventListener("click", () => byId("explained").showModal());

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || byId("explained").open) return;
  if (event.key === "/" && !event.target.matches("input, select")) {
    event.preventDefault();
    showTab("map");
    byId("request").select();
    byId("request").focus();
  } else if (event.key === "Escape") escape();
});

/** Close what was opened last: the details, then a folder, then the search. */
function escape() {
  if (state.isOpen) close();
  else if (picture.path) showFolder(folderAbove());
  else if (state.request || state.ranking >= 0) showRanking(-1);
}

function describe() {
  const { files, definitions, links } = repo.leftOut;
  const left = [files && counted(files, "file"), definitions && counted(definitions, "definition"), links && counted(links, "link")].filter(Boolean);
  byId("title").textContent = repo.title || "Repository";
  const size = `${counted(repo.files.length, "file")}, ${counted(repo.definitions.length, "definition")}`;
  byId("about").textContent = left.length ? `${size}; ${left.join(" and ")} of lower rank are left out` : size;
  const comments = [...document.body.childNodes].filter((node) => node.nodeType === Node.COMMENT_NODE);
  byId("licences").textContent = comments.map(({ data }) => data.replace(/^licences\s*/, "")).join("\n").trim();
}

fillChoices();
describe();
drawCrumbs();
applyTheme();
picture.resize();
drawLegend();
if (repo.rankings[0]?.request) showRanking(0);
else rank();
index.fill(() => {
  if (state.request) rank();
  document.documentElement.dataset.searchable = "true";
});
openFromAddress();
document.documentElement.dataset.ready = "true";
performance.mark("ready");
