// What is asked for → the rows of the list: a file, then some of its definitions.

import { KIND_HUES } from "./colours.js";
import { KIND_GROUPS } from "./data.js";

const IN_LIST = 3;
const IN_ANSWER = 5;

/** Rank for the state of the page: { parts: rows of a file with definitions, isSearch }. */
export function ranked(repo, index, state, query) {
  const keeps = filters(state.kind, query);
  if (query.terms.length && index.isReady) {
    const found = index.find(query, keeps);
    const parts = found.length ? found : containing(repo, state.request, keeps);
    return { parts: cut(parts, IN_ANSWER), isSearch: true };
  }
  if (!query.isEmpty) return { parts: cut(all(repo.files, keeps), IN_ANSWER), isSearch: true };
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
  const fileKinds = query.kind.filter((each) => each in KIND_HUES);
  const kinds = query.kind.filter((each) => !(each in KIND_HUES));
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
  const best = (file) => file.definitions.filter(keeps.definition).sort((a, b) => b.score - a.score || a.id - b.id);
  return files
    .filter(keeps.file)
    .map((file) => ({ file, definitions: best(file) }))
    .filter(wanted(keeps));
}

/** Where no word begins so, a part of a path or name may be meant. */
function containing(repo, request, keeps) {
  const part = request.trim().toLowerCase();
  const parts = [];
  for (const file of repo.files) {
    if (!keeps.file(file)) continue;
    const definitions = file.definitions.filter((each) => keeps.definition(each) && each.name.toLowerCase().includes(part));
    const isNamed = !keeps.needsDefinition && file.path.toLowerCase().includes(part);
    if (definitions.length || isNamed) parts.push({ file, definitions });
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
