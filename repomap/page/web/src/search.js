// A request → files and definitions, ranked while it is typed: BM25 over paths, names and declarations, times the rank.

const SATURATION = 1.2;
const LENGTH_SHARE = 0.6;
const PATH_WEIGHT = 3;
const NAME_WEIGHT = 2;
const DECLARATION_WEIGHT = 0.5;
const SLICE_MS = 10;
const LEAST_PREFIX = 3;
const STOP_WORDS = new Set(
  "a an and are as at be but by can do does for from has have how i if in into is it its me my not of on or our so that the their then there these this to was we what when where which who why will with you your".split(" "),
);
const WORD = /[\p{L}\p{N}]+/gu;
const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Mn}]+|\p{Lu}|\p{N}+/gu;

const termsOfWord = new Map(); // of each word that occurred: most occur often

/** Split at spaces, marks and capitals: `parse_HTTPHeader` → parse, http, header; each without its ending. */
export function terms(text) {
  return (text.match(WORD) ?? []).flatMap((word) => {
    if (!termsOfWord.has(word)) termsOfWord.set(word, split(word));
    return termsOfWord.get(word);
  });
}

function split(word) {
  const parts = word.match(PART) ?? [word];
  const whole = parts.length > 1 ? [word] : [];
  return [...parts, ...whole].map((each) => stem(each.toLowerCase()));
}

function stem(word) {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 5 && word.endsWith("ing")) return word.slice(0, -3);
  if (word.length > 4 && word.endsWith("ed")) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith("s") && !word.endsWith("ss")) return word.slice(0, -1);
  return word;
}

/** Split a request into words and `path:`, `kind:`, `name:`. */
export function parse(request) {
  const narrowed = { path: [], kind: [], name: [] };
  const rest = request.replace(/(?:^|\s)(path|kind|name):(\S+)/g, (_, field, value) => {
    narrowed[field].push(value.toLowerCase());
    return " ";
  });
  const all = [...new Set(terms(rest))];
  const meant = all.filter((term) => !STOP_WORDS.has(term));
  const words = rest.toLowerCase().split(/\s+/).filter(Boolean);
  return { ...narrowed, words, terms: meant.length ? meant : all, isEmpty: !request.trim() };
}

/** Run something when what waits has been done; a timeout would wait longer, each time. */
function scheduled(task) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    task();
  };
  port2.postMessage(null);
}

/** Looks words up; it is filled in slices, so that the page answers meanwhile. */
export class SearchIndex {
  constructor(repo) {
    this.repo = repo;
    this.files = new Map(); // term → [file id, weight, …]
    this.names = new Map(); // term → [definition id, …], by their names
    this.declarations = new Map();
    this.lengths = new Float32Array(repo.files.length);
    this.filled = 0;
    this.best = repo.files[0]?.score || 1;
    this.vocabulary = [];
  }

  get isReady() {
    return this.filled === this.repo.files.length;
  }

  /** Fill it slice by slice; `onReady` is called at the end. */
  fill(onReady) {
    const end = performance.now() + SLICE_MS;
    while (!this.isReady && performance.now() < end) this.addNext();
    if (!this.isReady) return void scheduled(() => this.fill(onReady));
    this.mean = this.lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, this.lengths.length);
    this.vocabulary = [...new Set([...this.files.keys(), ...this.names.keys(), ...this.declarations.keys()])].sort();
    onReady();
  }

  addNext() {
    const file = this.repo.files[this.filled++];
    for (const term of terms(file.path)) push(this.files, term, file.id);
    let length = 4;
    for (const each of file.definitions) {
      const own = new Set(terms(each.name));
      for (const term of own) push(this.names, term, each.id);
      for (const term of new Set(terms(each.declaration))) if (!own.has(term)) push(this.declarations, term, each.id);
      length += 1;
    }
    this.lengths[file.id] = length;
  }

  /** The terms that a typed word stands for: itself and, as it may be unfinished, what begins with it. */
  expanded(word) {
    const found = [];
    let [low, high] = [0, this.vocabulary.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.vocabulary[middle] < word) low = middle + 1;
      else high = middle;
    }
    for (; low < this.vocabulary.length && this.vocabulary[low].startsWith(word) && found.length < 200; low++) {
      if (this.vocabulary[low] === word || word.length >= LEAST_PREFIX) found.push(this.vocabulary[low]);
    }
    return found;
  }

  /** Rank files and definitions for a parsed request: rows of a file and its best definitions. */
  find(query, keeps) {
    const { files, definitions } = this.repo;
    const scores = new Float32Array(files.length);
    const matched = new Uint8Array(files.length);
    const worth = new Map();
    for (const word of query.terms) {
      const counts = this.count(word, worth);
      const rarity = Math.log(1 + (files.length - counts.size + 0.5) / (counts.size + 0.5));
      for (const [id, count] of counts) {
        const length = 1 - LENGTH_SHARE + (LENGTH_SHARE * this.lengths[id]) / this.mean;
        scores[id] += (rarity * count * (SATURATION + 1)) / (count + SATURATION * length);
        matched[id] += 1;
      }
    }
    const byFile = new Map();
    for (const [id, value] of worth) {
      const each = definitions[id];
      if (!keeps.definition(each)) continue;
      if (!byFile.has(each.file.id)) byFile.set(each.file.id, []);
      byFile.get(each.file.id).push([value * (1 + each.score / 1e4), each]);
    }
    const rows = [];
    for (const file of files) {
      const inFile = byFile.get(file.id) ?? [];
      if (!matched[file.id] || !keeps.file(file) || (keeps.needsDefinition && !inFile.length)) continue;
      const share = matched[file.id] / query.terms.length;
      const prior = 0.35 + 0.65 * Math.sqrt(file.score / this.best);
      inFile.sort((a, b) => b[0] - a[0] || a[1].id - b[1].id);
      rows.push({ file, score: scores[file.id] * share * share * prior, definitions: inFile.map(([, each]) => each) });
    }
    return rows.sort((a, b) => b.score - a.score || a.file.id - b.file.id);
  }

  /** How much each file has of a word, and by `worth` each definition. */
  count(word, worth) {
    const counts = new Map();
    const add = (id, weight) => counts.set(id, (counts.get(id) ?? 0) + weight);
    const { definitions } = this.repo;
    for (const term of this.expanded(word)) {
      const exact = term === word ? 1 : 0.7;
      for (const id of this.files.get(term) ?? []) add(id, exact * PATH_WEIGHT);
      for (const [postings, weight] of [[this.names, NAME_WEIGHT], [this.declarations, DECLARATION_WEIGHT]]) {
        for (const id of postings.get(term) ?? []) {
          add(definitions[id].file.id, exact * weight);
          worth.set(id, (worth.get(id) ?? 0) + exact * weight);
        }
      }
    }
    return counts;
  }
}

function push(postings, term, id) {
  const list = postings.get(term);
  if (!list) postings.set(term, [id]);
  else if (list[list.length - 1] !== id) list.push(id);
}

/** Where a text has the words of a request, as [start, end) pairs in order. */
export function marks(text, words) {
  if (!words.length) return [];
  const found = [];
  for (const part of text.matchAll(PART)) {
    const lower = part[0].toLowerCase();
    if (words.some((word) => stem(lower) === word || (word.length >= LEAST_PREFIX && lower.startsWith(word)))) {
      found.push([part.index, part.index + part[0].length]);
    }
  }
  return found;
}
