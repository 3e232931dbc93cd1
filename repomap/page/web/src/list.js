// The list: of thousands of rows, those in sight are elements.

import { byId, declaration, element, marked } from "./dom.js";
import { signOf } from "./data.js";
import { marks } from "./search.js";

const BEYOND = 400; // pixels of rows above and below what is in sight

export class List {
  /** `open(row, byKeyboard)` is called for a row that is chosen. */
  constructor(open) {
    this.box = byId("list");
    this.open = open;
    this.rows = [];
    this.at = -1;
    this.spacer = element("div", { class: "spacer", role: "presentation" });
    this.box.append(this.spacer);
    this.box.addEventListener("scroll", () => this.draw(), { passive: true });
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    this.box.addEventListener("click", (event) => this.onClick(event));
    this.box.addEventListener("focus", () => this.at < 0 && this.rows.length && this.box.matches(":focus-visible") && this.move(0));
    new ResizeObserver(() => this.measure()).observe(this.box);
  }

  measure() {
    this.isTouch = matchMedia("(max-width: 719px)").matches;
    this.place();
    this.draw();
  }

  /** Show rows; `words` are marked, and `best` is what a full bar means. */
  show(rows, words, best) {
    Object.assign(this, { rows, words, best, at: -1 });
    this.box.hidden = !rows.length;
    this.box.scrollTop = 0;
    this.place();
    this.draw();
  }

  place() {
    const [file, definition] = this.isTouch ? [44, 34] : [34, 23];
    this.tops = new Float64Array(this.rows.length + 1);
    for (const [row, each] of this.rows.entries()) {
      const isLast = each.definition && !this.rows[row + 1]?.definition;
      this.tops[row + 1] = this.tops[row] + (each.definition ? definition : file) + (isLast ? 5 : 0);
    }
    this.spacer.style.height = `${this.tops[this.rows.length]}px`;
  }

  rowAt(y) {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  draw() {
    const top = this.box.scrollTop;
    const first = this.rowAt(top - BEYOND);
    const end = Math.min(this.rows.length, this.rowAt(top + this.box.clientHeight + BEYOND) + 1);
    const elements = [];
    for (let row = first; row < end; row++) elements.push(this.row(row));
    this.spacer.replaceChildren(...elements);
    if (this.at >= first && this.at < end) this.box.setAttribute("aria-activedescendant", `row-${this.at}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  row(row) {
    const { file, definition, place } = this.rows[row];
    const isChosen = this.chosen && this.chosen.file === file && this.chosen.definition === definition;
    const made = element("div", {
      class: `row ${definition ? "definition" : "file"}${row === this.at ? " at" : ""}`,
      role: "option",
      id: `row-${row}`,
      "aria-selected": String(Boolean(isChosen)),
      "aria-setsize": this.rows.length,
      "aria-posinset": row + 1,
      style: { top: `${this.tops[row]}px`, height: `${this.tops[row + 1] - this.tops[row] - (this.isSpaced(row) ? 5 : 0)}px` },
      title: definition ? definition.declaration : file.path,
    });
    made.append(...(definition ? this.definition(definition) : this.file(file, place)));
    return made;
  }

  isSpaced(row) {
    return this.rows[row].definition && !this.rows[row + 1]?.definition;
  }

  file(file, place) {
    const spans = (text) => marks(text, this.words);
    const share = Math.max(0.03, file.score / this.best);
    return [
      element("span", { class: "number" }, String(place)),
      element("span", { class: "name" }, ...marked(file.name, spans(file.name))),
      element("span", { class: "folder" }, ...marked(file.folder, spans(file.folder))),
      element("span", { class: "bar", "aria-hidden": "true" }, element("i", { style: { width: `${share * 100}%` } })),
    ];
  }

  definition(definition) {
    return [
      element("span", { class: "sign", "aria-hidden": "true" }, signOf(definition.kind)),
      element("span", { class: "code" }, ...declaration(definition, (text) => marks(text, this.words))),
    ];
  }

  /** Mark what is chosen, wherever it was. */
  mark(chosen) {
    this.chosen = chosen;
    this.draw();
  }

  move(row) {
    this.at = Math.max(0, Math.min(this.rows.length - 1, row));
    const [top, bottom] = [this.tops[this.at], this.tops[this.at + 1]];
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (bottom > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = bottom - this.box.clientHeight;
    this.draw();
  }

  /** By its place: a row that was pressed may have been drawn anew meanwhile. */
  onClick(event) {
    const y = event.clientY - this.box.getBoundingClientRect().top + this.box.scrollTop;
    if (y >= 0 && y < this.tops[this.rows.length]) this.choose(this.rowAt(y), false);
  }

  choose(row, byKeyboard) {
    this.at = row;
    this.open(this.rows[row], byKeyboard);
  }

  onKey(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / 30) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) this.move(this.at + steps[event.key]);
    else if ((event.key === "Enter" || event.key === " ") && this.rows[this.at]) this.choose(this.at, true);
    else return;
    event.preventDefault();
  }
}
