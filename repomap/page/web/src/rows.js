// What is asked for → the rows of the list: a file, then some of its definitions.

import { KIND_HUES } from "./colours.js";
import { KIND_GROUPS } from "./data.js";

const IN_LIST = 3;
const IN_ANSWER = 5;

/** Rank for the state of the page: { parts: rows of a file with definitions, isSearch }. */
export function ranked(repo, index, state, query) {
  const keeps = filters(state.kind, query);
  if (!query.isEmpty) {
    const hasWords = query.terms.length > 0;
    const found = !hasWords ? all(repo.files, keeps) : index.isReady ? index.find(query, keeps) : [];
    const parts = found.length || !hasWords ? found : containing(repo, query.words, keeps);
    return { parts: cut(parts, IN_ANSWER), isSearch: true };
  }
  if (state.ranking >= 0) {
    const ranking = repo.rankings[state.ranking];
    const parts = ranking.rows.map(({ file, definitions }) => ({ file, definitions: definitions.filter(keeps.definition) }));
    return { parts: cut(parts.filter(wanted(keeps)), IN_LIST), isSearch: false };
  }
  return { parts: cut(all(repo.files, keeps), IN_LIST), isSearch: false };
}

function filters(kind, query) {
  const group = KIND_GROUPS.find(({ id }) => id === kind);
  const fileKind = kind.startsWith("file:") ? kind.slice(5) : "";
  const fileKinds = query.kind.filter((each) => Object.hasOwn(KIND_HUES, each));
  const kinds = query.kind.filter((each) => !Object.hasOwn(KIND_HUES, each));
  const needsDefinition = Boolean(group || query.name.length || kinds.length);
  return {
    needsDefinition,
    file: (file) =>
      (!fileKind || file.kind === fileKind) &&
      fileKinds.every((each) => file.kind === each) &&
      query.path.every((part) => file.path.toLowerCase().includes(part)),
    definition: (each) =>
      (!group || group.kinds.has(each.kind)) &&
      kinds.every((part) => each.kind.startsWith(part)) &&
      query.name.every((part) => each.name.toLowerCase().includes(part)),
  };
}

const wanted = (keeps) => ({ file, definitions }) => keeps.file(file) && (!keeps.needsDefinition || definitions.length);

function all(files, keeps) {
  return files
    .filter(keeps.file)
    .map((file) => ({ file, definitions: sorted(file).filter(keeps.definition) }))
    .filter(wanted(keeps));
}

/** The definitions of a file, best first. */
export function sorted(file) {
  file.sorted ??= [...file.definitions].sort((a, b) => b.score - a.score || a.id - b.id);
  return file.sorted;
}

/** Where no term begins like that, or none is known yet: files whose path or names have each word somewhere. */
function containing(repo, words, keeps) {
  const parts = [];
  for (const file of repo.files) {
    if (!keeps.file(file)) continue;
    const has = (text) => words.filter((word) => text.toLowerCase().includes(word));
    const found = new Set(has(file.path));
    const definitions = [];
    for (const each of sorted(file)) {
      const own = keeps.definition(each) ? has(each.name) : [];
      if (own.length) definitions.push(each);
      for (const word of own) found.add(word);
    }
    if (found.size === words.length && (definitions.length || !keeps.needsDefinition)) parts.push({ file, definitions });
  }
  return parts;
}

const cut = (parts, most) => parts.map((part) => ({ ...part, definitions: part.definitions.slice(0, most) }));

/** Where a file or definition is, in one row each. */
export function flat(parts) {
  const rows = [];
  for (const [place, { file, definitions }] of parts.entries()) {
    rows.push({ file, place: place + 1 });
    for (const definition of definitions) rows.push({ file, definition });
  }
  return rows;
}
