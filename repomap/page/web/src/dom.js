// Makes elements. Texts of a repository become text nodes alone, so no name can be markup.

/** Make an element; `on…` are listeners, other values attributes, and strings among the children are text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(made.style, value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** A text with the words of a request marked. */
export function marked(text, spans) {
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(at, start), element("mark", {}, text.slice(start, end)));
    at = end;
  }
  return [...parts, text.slice(at)].filter((part) => part !== "");
}

/** A declaration with the name that it declares in bold, and the words of a request marked. */
export function declaration(definition, spansOf = () => []) {
  const text = definition.declaration;
  const start = nameAt(text, definition.name);
  if (start < 0) return marked(text, spansOf(text));
  const end = start + definition.name.length;
  const [before, name, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  return [...marked(before, spansOf(before)), element("b", {}, ...marked(name, spansOf(name))), ...marked(after, spansOf(after))];
}

function nameAt(text, name) {
  if (!name) return -1;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const isWhole = !/[\p{L}\p{N}_]/u.test((text[at - 1] ?? " ") + (text[at + name.length] ?? " "));
    if (isWhole) return at;
  }
  return -1;
}
