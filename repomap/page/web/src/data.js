// The JSON in the page → objects that refer to each other. `repomap/page/columns.py` writes it.

/** Turn the columns back into files and definitions; a file knows its definitions and its links. */
export function decode(raw) {
  const text = (number) => raw.texts[number];
  const files = raw.files.name.map((name, id) => file(raw.files, text, name, id));
  const definitions = raw.definitions.declaration.map((_, id) => definition(raw.definitions, text, id));
  for (const [id, owner] of summed(raw.definitions.file).entries()) {
    definitions[id].file = files[owner];
    files[owner].definitions.push(definitions[id]);
  }
  addLinks(raw.links, text, files);
  const rankings = raw.rankings.map((ranking) => ({
    request: ranking.request,
    inHand: ranking.inHand.map((id) => files[id]),
    rows: ranking.files.map((id, place) => ({
      file: files[id],
      definitions: ranking.definitions[place].map((each) => definitions[each]),
      reasons: ranking.reasons[place] ?? [],
    })),
  }));
  return { title: raw.title, commits: raw.commits, leftOut: raw.leftOut, files, definitions, rankings };
}

function file(columns, text, name, id) {
  const folder = text(columns.folder[id]);
  return {
    id,
    name,
    folder,
    path: folder ? `${folder}/${name}` : name,
    language: text(columns.language[id]),
    kind: text(columns.kind[id]),
    score: columns.score[id],
    centrality: columns.centrality[id],
    lines: columns.lines[id],
    commits: columns.commits[id],
    age: columns.age[id],
    definitionCount: columns.definitions[id],
    definitions: [],
    uses: [],
    usedBy: [],
  };
}

function definition(columns, text, id) {
  return {
    id,
    name: text(columns.name[id]),
    kind: text(columns.kind[id]),
    parent: text(columns.parent[id]),
    line: columns.line[id],
    declaration: columns.declaration[id],
    score: columns.score[id],
    uses: columns.uses[id],
    file: null,
  };
}

function addLinks(columns, text, files) {
  for (const [row, source] of summed(columns.source).entries()) {
    const [from, to] = [files[source], files[columns.target[row]]];
    const link = { weight: columns.weight[row], sure: columns.sure[row] === 1, names: columns.names[row].map(text) };
    from.uses.push({ file: to, ...link });
    to.usedBy.push({ file: from, ...link });
  }
  const order = (a, b) => b.sure - a.sure || b.weight - a.weight || a.file.id - b.file.id;
  for (const each of files) {
    each.uses.sort(order);
    each.usedBy.sort(order);
  }
}

function summed(differences) {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}

/** Folders as a tree; one that has nothing but another folder is shown with it, as `src/flask`. */
export function folders(files) {
  const root = { path: "", name: "", children: new Map(), files: [] };
  for (const each of files) {
    let at = root;
    for (const part of each.folder ? each.folder.split("/") : []) {
      if (!at.children.has(part)) {
        const path = at.path ? `${at.path}/${part}` : part;
        at.children.set(part, { path, name: part, children: new Map(), files: [] });
      }
      at = at.children.get(part);
    }
    at.files.push(each);
  }
  return joined(root, true);
}

function joined(folder, isRoot = false) {
  const children = [...folder.children.values()].map((child) => joined(child));
  if (!isRoot && children.length === 1 && folder.files.length === 0) {
    return { ...children[0], name: `${folder.name}/${children[0].name}` };
  }
  return { path: folder.path, name: folder.name, folders: children, files: folder.files };
}

const TYPES = "class struct interface trait enum type implementation".split(" ");
const CALLABLES = "function method constructor macro".split(" ");
const VALUES = "constant variable property field".split(" ");

/** What the list can be narrowed to; the groups of definitions first. */
export const KIND_GROUPS = [
  { id: "types", label: "Classes and types", kinds: new Set(TYPES), sign: "C" },
  { id: "callables", label: "Functions and methods", kinds: new Set(CALLABLES), sign: "ƒ" },
  { id: "values", label: "Constants and fields", kinds: new Set(VALUES), sign: "=" },
];
const SIGNS = new Map(KIND_GROUPS.flatMap(({ kinds, sign }) => [...kinds].map((kind) => [kind, sign])));

/** One character for a kind of definition. */
export const signOf = (kind) => SIGNS.get(kind) ?? (kind === "heading" ? "#" : "·");

/** `1,234`, and `1 file` or `2 files`. */
export const number = (value) => value.toLocaleString("en");
export const counted = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;
