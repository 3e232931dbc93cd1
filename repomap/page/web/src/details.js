// The panel about one file or definition: where it is, why it ranks, who uses it, what it uses, its history.

import { counted, number, signOf } from "./data.js";
import { byId, declaration, element } from "./dom.js";

const SHOWN = 8;
const GUESSES = 8;

export class Details {
  /** `on` has `open(row)`, `close()` and `ranking(index)`. */
  constructor(repo, on) {
    Object.assign(this, { repo, on });
    this.box = byId("details");
    this.show(null);
  }

  /** Show a chosen { file, definition }, or what to do if there is none; `ranking` is the one in the list, if any. */
  show(chosen, ranking = null) {
    this.box.scrollTop = 0;
    if (!chosen) {
      this.box.replaceChildren(element("p", { class: "empty" }, "Choose a file in the list or in the picture."));
      return;
    }
    const { file, definition } = chosen;
    this.box.replaceChildren(
      this.head(file, definition),
      ...(definition ? [this.definition(file, definition)] : []),
      ...this.forRequest(file, ranking),
      this.why(file),
      ...this.links(file),
      this.definitions(file, definition),
    );
  }

  head(file, definition) {
    const place = definition ? `${file.path}:${definition.line}` : file.folder || "at the root";
    const where = definition
      ? element("button", { type: "button", onclick: () => this.on.open({ file }) }, place)
      : place;
    const tags = definition
      ? [definition.kind, definition.parent && `in ${definition.parent}`]
      : [file.kind, file.language, file.lines > 0 && counted(file.lines, "line")];
    return element(
      "div",
      { class: "head" },
      element("h2", {}, (definition ?? file).name || file.name),
      element("div", { class: "where" }, where),
      element("div", { class: "tags" }, ...tags.filter(Boolean).map((tag) => element("span", {}, tag))),
      element("button", { type: "button", class: "close", "aria-label": "Close details", onclick: () => this.on.close() }, "×"),
    );
  }

  definition(file, definition) {
    const place = 1 + this.repo.definitions.filter((each) => each.score > definition.score).length;
    const uses = definition.uses ? `${definition.uses} uses so far, shared among all that have its name` : "no use so far";
    return part(
      "Declaration",
      element("pre", { class: "code" }, ...declaration(definition)),
      element("p", {}, `Definition ${number(place)} of ${number(this.repo.definitions.length)}, with ${uses}.`),
    );
  }

  /** Say what `--why` says of a file for a request that was ranked ahead. */
  forRequest(file, ranking) {
    const place = ranking?.request ? ranking.rows.findIndex((row) => row.file === file) : -1;
    if (place < 0) return [];
    const { reasons } = ranking.rows[place];
    return [
      part(
        `For “${ranking.request}”`,
        element("p", {}, `File ${number(place + 1)} of this ranking.${reasons.length ? " What moves its score, the most first:" : ""}`),
        reasons.length > 0 && element("pre", { class: "code" }, reasons.join("\n")),
      ),
    ];
  }

  /** Say what `--why` says of a file in the overview. */
  why(file) {
    const best = this.repo.files[0].score || 1;
    const weighed = file.kind === "source" ? "" : ` As ${article(file.kind)} file it counts for less than source.`;
    const central = `By who uses whom, its PageRank is ${file.centrality} times the mean.`;
    const { commits } = this.repo;
    const seen = file.commits
      ? `${counted(file.commits, "commit")} of the last ${number(commits)} touched it, the latest ${file.age ? `${counted(file.age, "commit")} ago` : "just now"}.`
      : commits
        ? `None of the last ${counted(commits, "commit")} touched it.`
        : "There is no history to look at.";
    const most = Math.max(1, ...this.repo.files.map((each) => each.commits));
    const ranking = this.repo.rankings.findIndex((each) => !each.request && each.inHand.length === 1 && each.inHand[0] === file);
    return part(
      "Why it ranks in the overview",
      element("p", {}, `File ${number(file.id + 1)} of ${number(this.repo.files.length)}. ${central}${weighed}`),
      meter(Math.sqrt(file.score / best), "rank"),
      element("p", {}, seen),
      meter(Math.log1p(file.commits) / Math.log1p(most), "heat"),
      ranking >= 0 &&
        element("button", { type: "button", class: "more", onclick: () => this.on.ranking(ranking) }, "Rank the rest with this file in hand"),
    );
  }

  links(file) {
    return [this.linkPart("Used by", file.usedBy, "used"), this.linkPart("Uses", file.uses, "uses")].filter(Boolean);
  }

  /** The files at the other end, those apart of which nothing but a name tells. */
  linkPart(title, links, colour) {
    if (!links.length) return null;
    const sure = links.filter((link) => link.sure);
    const guesses = links.filter((link) => !link.sure).slice(0, GUESSES);
    const dot = element("span", { class: "dot", style: { background: `var(--${colour})` } });
    const items = (each) => shortened(each.map((link) => () => this.link(link)));
    return part(
      [dot, sure.length ? `${title} ${counted(sure.length, "file")}` : title],
      sure.length > 0 && items(sure),
      guesses.length > 0 && element("p", { class: "aside" }, sure.length ? "Perhaps, by the names alone:" : "By the names alone, which may mean something else:"),
      guesses.length > 0 && items(guesses),
    );
  }

  link({ file, names, weight }) {
    return this.item({ file }, [
      element(
        "span",
        { class: "line" },
        element("span", { class: "name" }, file.name),
        element("span", { class: "folder" }, file.folder),
        element("span", { class: "at", title: "Weight of the link" }, String(weight)),
      ),
      names.length > 0 && element("span", { class: "names" }, names.join(", ")),
    ]);
  }

  definitions(file, chosen) {
    if (!file.definitionCount) return part("Definitions", element("p", { class: "muted" }, "None were found in this file."));
    const items = file.definitions.map((each) => () => this.definitionItem(file, each, each === chosen));
    const left = file.definitionCount - file.definitions.length;
    return part(
      counted(file.definitionCount, "definition"),
      shortened(items, Math.max(SHOWN * 2, file.definitions.indexOf(chosen) + 2)),
      left > 0 && element("p", { class: "muted" }, `${counted(left, "more")} are not in this page.`),
    );
  }

  definitionItem(file, definition, isChosen) {
    const depth = definition.parent ? definition.parent.split(".").length : 0;
    return this.item(
      { file, definition },
      [
        element(
          "span",
          { class: "line", style: { paddingLeft: `${Math.min(depth, 4) * 12}px` } },
          element("span", { class: "sign", "aria-hidden": "true" }, signOf(definition.kind)),
          element("span", { class: "code folder" }, ...declaration(definition)),
          element("span", { class: "at" }, String(definition.line)),
        ),
      ],
      isChosen,
    );
  }

  item(row, children, isCurrent = false) {
    const button = element("button", { type: "button", class: "item", title: (row.definition ?? {}).declaration ?? row.file.path, onclick: () => this.on.open(row) }, ...children.filter(Boolean));
    if (isCurrent) button.setAttribute("aria-current", "true");
    return element("li", {}, button);
  }
}

function part(title, ...children) {
  return element("section", {}, element("h3", {}, ...[title].flat()), ...children.filter(Boolean));
}

function meter(share, name) {
  const filled = element("i", { style: { width: `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%` } });
  return element("span", { class: `meter ${name}`, "aria-hidden": "true" }, filled);
}

/** A list whose rest is made when it is asked for. */
function shortened(items, most = SHOWN) {
  const list = element("ul", {}, ...items.slice(0, most).map((make) => make()));
  const left = items.length - most;
  if (left <= 0) return list;
  const more = element("button", { type: "button", class: "more" }, `Show ${number(left)} more`);
  more.addEventListener("click", () => {
    const made = items.slice(most).map((make) => make());
    list.append(...made);
    more.remove();
    made[0].querySelector("button")?.focus();
  });
  return element("div", {}, list, more);
}

const article = (word) => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
