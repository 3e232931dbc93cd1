// The picture: folders as frames, files as cells, drawn on a canvas; a second one above it has what changes at once.

import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import { curveBumpX, curveBumpY, link } from "d3-shape";
import { colouring, palette, shareHues } from "./colours.js";
import { byId } from "./dom.js";
import { sorted } from "./rows.js";

const HEADER = 17;
const LEAST_HEADER = [46, 36]; // a frame smaller than this has no name
const FONT = getComputedStyle(document.documentElement).fontFamily;
const MOST_LINKS = 50;
const MOST_GUESSES = 6;
const ZOOM_MS = 220;
const SOON_MS = 70;

const LEAST_AREA = 0.12; // of the mean: a file without rank, lines or commits is a cell as well
const SIZES = {
  rank: (file) => Math.pow(file.score, 0.62),
  lines: (file) => Math.pow(file.lines, 0.75),
  history: (file) => Math.pow(file.commits, 0.8),
};

export class Treemap {
  /** `tree` is from `folders`; `on` has `hover(node, event)`, `file(file)` and `folder(path)`. */
  constructor(repo, tree, on) {
    Object.assign(this, { repo, tree, on, path: "", matches: null, chosen: null, hovered: null, hasLinks: true });
    this.box = byId("tree");
    this.cells = byId("cells").getContext("2d", { alpha: false });
    this.over = byId("over").getContext("2d");
    this.widths = new Map();
    this.size = "rank";
    this.by = "folder";
    this.setTheme(false);
    new ResizeObserver(() => this.resize()).observe(this.box);
    this.box.addEventListener("pointermove", (event) => this.onMove(event));
    this.box.addEventListener("pointerleave", () => this.hover(null));
    this.box.addEventListener("click", (event) => this.onClick(event));
  }

  setTheme(isDark) {
    this.colours = palette(isDark);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    if (width === this.width && height === this.height && ratio === this.ratio) return;
    for (const context of [this.cells, this.over]) {
      context.canvas.width = Math.round(width * ratio);
      context.canvas.height = Math.round(height * ratio);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    Object.assign(this, { width, height, ratio });
    this.layout();
  }

  /** Lay out the folder that is shown. */
  layout() {
    if (!this.width) return;
    const value = SIZES[this.size];
    const mean = this.repo.files.reduce((sum, file) => sum + value(file), 0) / Math.max(1, this.repo.files.length) || 1;
    const root = hierarchy(this.tree, ({ folders, files }) =>
      folders ? [...folders, ...files.map((file) => ({ file, name: file.name, path: file.path }))] : null,
    )
      .sum((data) => (data.file ? value(data.file) + LEAST_AREA * mean : 0))
      .sort((a, b) => b.value - a.value || (a.data.path < b.data.path ? -1 : 1));
    shareHues(root);
    const top = root.find((node) => !node.data.file && node.data.path === this.path) ?? root;
    const shown = top === root ? root : top.copy();
    if (shown !== root) copyHues(top, shown);
    const isNamed = (node) => node.depth > 0 && node.x1 - node.x0 > LEAST_HEADER[0] && node.y1 - node.y0 > LEAST_HEADER[1];
    treemap()
      .tile(treemapSquarify.ratio(1.3))
      .size([this.width, this.height])
      .paddingInner((node) => (leastSide(node) < 40 || node.children.length > 400 ? 0.5 : 1))
      .paddingOuter((node) => (node.depth === 0 ? 0 : padding(node)))
      .paddingTop((node) => (isNamed(node) ? HEADER : node.depth === 0 ? 0 : padding(node)))(shown);
    shown.each((node) => (node.isNamed = Boolean(node.children) && isNamed(node)));
    this.root = shown;
    this.nodes = new Map(shown.leaves().filter((node) => node.data.file).map((node) => [node.data.file.id, node]));
    this.draw();
  }

  /** Draw it soon, once for all that is typed meanwhile; the list comes first. */
  drawSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.draw(), SOON_MS);
  }

  /** Draw everything; needed where sizes, colours or matches changed. */
  draw() {
    if (!this.root) return;
    const { cells: context, colours } = this;
    context.globalAlpha = 1;
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, this.width, this.height);
    this.colourOf = colouring(this.by, this.repo, colours);
    this.root.each((node) => (node.children && node.depth > 0 ? this.drawFolder(node) : null));
    this.drawCells();
    for (const node of this.nodes.values()) this.drawName(node);
    this.drawOver();
  }

  drawFolder(node) {
    const { cells: context, colours } = this;
    context.fillStyle = colours.frame[Math.min(node.depth - 1, colours.frame.length - 1)];
    context.beginPath();
    context.roundRect(node.x0, node.y0, node.x1 - node.x0, node.y1 - node.y0, node.isNamed ? 4 : 1);
    context.fill();
    if (!node.isNamed) return;
    context.font = `600 11px ${FONT}`;
    context.textBaseline = "middle";
    context.fillStyle = colours.folder;
    context.fillText(this.fitted(node.data.name, node.x1 - node.x0 - 10, context.font), node.x0 + 5, node.y0 + HEADER / 2 + 0.5);
  }

  isDimmed(node) {
    return this.matches !== null && !this.matches.has(node.data.file.id);
  }

  /** Fill the cells, those of a colour together: setting a colour takes longer than filling a cell. */
  drawCells() {
    const byColour = new Map();
    for (const node of this.nodes.values()) {
      const colour = this.colourOf(node);
      if (!byColour.has(colour)) byColour.set(colour, []);
      byColour.get(colour).push(node);
    }
    for (const [colour, nodes] of byColour) {
      this.cells.fillStyle = colour;
      for (const node of nodes) this.drawCell(node);
    }
    this.cells.globalAlpha = 1;
  }

  drawCell(node) {
    const { cells: context } = this;
    const [width, height] = [node.x1 - node.x0, node.y1 - node.y0];
    if (width <= 0 || height <= 0) return;
    context.globalAlpha = this.isDimmed(node) ? this.colours.dim : 1;
    if (width > 24 && height > 24) {
      context.beginPath();
      context.roundRect(node.x0, node.y0, width, height, 2);
      context.fill();
    } else context.fillRect(node.x0, node.y0, Math.max(width, 0.6), Math.max(height, 0.6));
  }

  /** Write the name of a file in its cell, and in a large one what it defines. */
  drawName(node) {
    const [width, height] = [node.x1 - node.x0 - 8, node.y1 - node.y0];
    if (width < 26 || height < 15) return;
    const { cells: context, colours } = this;
    const { file } = node.data;
    const isLarge = width > 74 && height > 50;
    const font = `${isLarge ? "600 12px" : "11px"} ${FONT}`;
    context.globalAlpha = this.isDimmed(node) ? 0.45 : 1;
    context.fillStyle = colours.text;
    context.font = font;
    context.textBaseline = "top";
    const top = height < 22 ? node.y0 + (height - 11) / 2 : node.y0 + (isLarge ? 6 : 4);
    const name = this.fitted(file.name, width, font);
    if (name.length > 2) context.fillText(name, node.x0 + 4, top);
    if (isLarge) this.drawDefinitions(node, file, width, height);
    context.globalAlpha = 1;
  }

  drawDefinitions(node, file, width, height) {
    const { cells: context, colours } = this;
    context.fillStyle = colours.faint;
    context.font = `11px ${FONT}`;
    const lines = Math.min(7, Math.floor((height - 28) / 15));
    const names = [...new Set(sorted(file).slice(0, 12).map(({ name }) => name))].filter((each) => !each.startsWith("__")).slice(0, lines);
    for (const [line, name] of names.entries()) {
      context.fillText(this.fitted(name, width, context.font), node.x0 + 4, node.y0 + 23 + line * 15);
    }
  }

  /** As much of a text as fits, with an ellipsis. */
  fitted(text, width, font) {
    const key = `${font}\0${text}`;
    if (!this.widths.has(key)) {
      if (this.widths.size > 20_000) this.widths.clear();
      this.cells.font = font;
      this.widths.set(key, this.cells.measureText(text).width);
    }
    const whole = this.widths.get(key);
    if (whole <= width) return text;
    const letters = [...text];
    let kept = Math.floor((letters.length * (width - 8)) / whole);
    while (kept > 0 && this.cells.measureText(`${letters.slice(0, kept).join("")}…`).width > width) kept--;
    return kept > 0 ? `${letters.slice(0, kept).join("")}…` : "";
  }

  /** Draw what lies above the cells: links, what is chosen, what is pointed at. */
  drawOver() {
    if (!this.root) return;
    const { over: context, colours } = this;
    context.clearRect(0, 0, this.width, this.height);
    const chosen = this.chosen && this.nodes.get(this.chosen.id);
    if (chosen && this.hasLinks) this.drawLinks(chosen);
    if (this.hovered) this.outline(this.hovered, colours.hover, 1.5);
    if (chosen) this.outline(chosen, colours.chosen, 2);
  }

  outline(node, colour, width) {
    const { over: context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    const inset = width / 2;
    context.strokeRect(node.x0 + inset, node.y0 + inset, Math.max(1, node.x1 - node.x0 - width), Math.max(1, node.y1 - node.y0 - width));
  }

  drawLinks(node) {
    const { file } = node.data;
    const others = new Set();
    const drawn = [];
    for (const [links, colour, isOut] of [[file.usedBy, this.colours.used, false], [file.uses, this.colours.uses, true]]) {
      const sure = links.filter((each) => each.sure).slice(0, MOST_LINKS);
      for (const each of [...links.filter((each) => !each.sure).slice(0, MOST_GUESSES), ...sure]) {
        const other = this.nodes.get(each.file.id);
        if (!other) continue;
        others.add(other);
        drawn.push([isOut ? node : other, isOut ? other : node, other, colour, each]);
      }
    }
    this.drawVeil(node, others);
    const alpha = Math.max(0.35, Math.min(0.8, 2.6 / Math.sqrt(drawn.length)));
    for (const each of drawn) this.drawLink(...each, alpha);
  }

  /** Let what has nothing to do with the chosen file step back. */
  drawVeil(node, others) {
    if (this.matches) return; // what does not match has stepped back already
    const { over: context, colours } = this;
    context.fillStyle = colours.veil;
    context.fillRect(0, 0, this.width, this.height);
    for (const { x0, y0, x1, y1 } of [node, ...others]) context.clearRect(x0, y0, x1 - x0, y1 - y0);
  }

  drawLink(from, to, other, colour, { weight, sure }, alpha) {
    const { over: context } = this;
    const isWide = Math.abs(middle(from)[0] - middle(to)[0]) > Math.abs(middle(from)[1] - middle(to)[1]);
    const line = link(isWide ? curveBumpX : curveBumpY).source(() => middle(from)).target(() => middle(to)).context(context);
    context.globalAlpha = sure ? alpha : alpha * 0.6;
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = Math.min(2.5, 0.8 + Math.log1p(weight) * 0.4);
    context.setLineDash(sure ? [] : [3, 4]);
    context.beginPath();
    line();
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(...middle(other), 2.5, 0, 7);
    context.fill();
    this.outline(other, colour, 1);
  }

  /** The file, or else the folder, at a place. */
  at(x, y) {
    let node = this.root;
    for (let next = node; next; ) {
      node = next;
      next = node.children?.find((child) => child.x0 <= x && x < child.x1 && child.y0 <= y && y < child.y1);
    }
    return node;
  }

  nodeOf(event) {
    const { left, top } = this.box.getBoundingClientRect();
    return this.root && this.at(event.clientX - left, event.clientY - top);
  }

  onMove(event) {
    if (event.pointerType === "touch") return;
    const node = this.nodeOf(event);
    this.hover(node && node !== this.root ? node : null, event);
  }

  hover(node, event) {
    this.box.classList.toggle("file", Boolean(node?.data.file));
    this.box.classList.toggle("folder", Boolean(node && !node.data.file));
    if (node !== this.hovered) {
      this.hovered = node;
      this.drawOver();
    }
    this.on.hover(node, event);
  }

  onClick(event) {
    const node = this.nodeOf(event);
    if (node?.data.file) this.on.file(node.data.file, false);
    else if (node && node !== this.root) this.on.folder(node.data.path);
  }

  choose(file) {
    this.chosen = file;
    this.drawOver();
  }

  /** Show a folder: what was drawn grows to its place, or shrinks into it. */
  show(path, isStill) {
    const before = this.root && frameOf(this.root, path);
    const image = isStill || !this.root ? null : snapshot(this.cells.canvas);
    const shownBefore = this.path;
    this.path = path;
    this.hovered = null;
    this.layout();
    if (!image) return;
    const inside = before ?? frameOf(this.root, shownBefore);
    if (inside) this.zoom(image, inside, Boolean(before));
  }

  zoom(image, frame, isIn) {
    const after = snapshot(this.cells.canvas);
    const [scaleX, scaleY] = [this.width / (frame.x1 - frame.x0), this.height / (frame.y1 - frame.y0)];
    const started = performance.now();
    const mine = (this.zooming = {});
    const step = (now) => {
      if (this.zooming !== mine) return;
      const share = Math.min(1, (now - started) / ZOOM_MS);
      const eased = 1 - (1 - share) ** 3;
      const part = isIn ? eased : 1 - eased;
      const [x, y] = [1 + (scaleX - 1) * part, 1 + (scaleY - 1) * part];
      const [outer, inner] = isIn ? [image, after] : [after, image];
      const { cells: context } = this;
      context.globalAlpha = 1;
      context.drawImage(outer, -frame.x0 * part * scaleX, -frame.y0 * part * scaleY, this.width * x, this.height * y);
      context.globalAlpha = isIn ? eased : 1 - eased;
      const [left, top] = [frame.x0 * (1 - part), frame.y0 * (1 - part)];
      context.drawImage(inner, left, top, (frame.x1 - frame.x0) * x, (frame.y1 - frame.y0) * y);
      context.globalAlpha = 1;
      if (share < 1) requestAnimationFrame(step);
      else this.draw();
    };
    requestAnimationFrame(step);
  }

  /** The next file in a direction: near, and rather straight ahead. */
  beside(file, key) {
    const from = this.nodes.get(file?.id);
    if (!from) return this.nodes.values().next().value?.data.file;
    const [x, y] = middle(from);
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let [best, least] = [null, Infinity];
    for (const node of this.nodes.values()) {
      const [otherX, otherY] = middle(node);
      const ahead = (otherX - x) * dx + (otherY - y) * dy;
      const aside = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
      const overlaps = dx ? node.y0 < from.y1 && node.y1 > from.y0 : node.x0 < from.x1 && node.x1 > from.x0;
      const distance = ahead + aside * (overlaps ? 0.3 : 2.5);
      if (node !== from && ahead > 0.5 && distance < least) [best, least] = [node, distance];
    }
    return best?.data.file ?? file;
  }
}

const leastSide = (node) => Math.min(node.x1 - node.x0, node.y1 - node.y0);
const padding = (node) => (leastSide(node) < 14 ? 0 : leastSide(node) < 60 ? 0.75 : node.depth < 3 ? 2 : 1);
const middle = (node) => [(node.x0 + node.x1) / 2, (node.y0 + node.y1) / 2];

function copyHues(from, to) {
  to.hue = from.hue;
  for (const [place, child] of (to.children ?? []).entries()) copyHues(from.children[place], child);
}

function frameOf(root, path) {
  return root.find((node) => !node.data.file && node.data.path === path && node !== root);
}

function snapshot(canvas) {
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  copy.getContext("2d").drawImage(canvas, 0, 0);
  return copy;
}
