// Bundles src/ into the template repomap/page/page.html: one style sheet, one script, and the licences of what is in it.
//
// The template's policy (CSP) allows both by their hashes and nothing else, so the page cannot send a request.
// `sources` at its top is the digest by which a test, which has no node, sees that it was built from these files.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const read = (...path) => readFileSync(join(here, ...path), "utf8");
const sha256 = (text, encoding) => createHash("sha256").update(text).digest(encoding);

const bundled = await build({
  entryPoints: [join(here, "src/main.js")],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
});
const script = bundled.outputFiles[0].text.replaceAll("</script", "<\\/script").trim();
const style = (
  await build({ entryPoints: [join(here, "src/page.css")], minify: true, write: false, loader: { ".css": "css" } })
).outputFiles[0].text.trim();

const packages = [
  ...new Set(
    Object.keys(bundled.metafile.inputs).flatMap((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []),
  ),
].sort();
const licences = packages.map((name) => {
  const { version } = JSON.parse(read("node_modules", name, "package.json"));
  return `${name} ${version}\n\n${read("node_modules", name, "LICENSE").trim()}`;
});

const names = ["package-lock.json", "build.mjs", ...readdirSync(join(here, "src")).map((name) => `src/${name}`)].sort();
const sources = sha256(names.map((name) => `${name}\0${read(name)}\0`).join(""), "hex");

const parts = {
  "@sources@": sources,
  "@licences@": licences.join("\n\n\n").replaceAll("--", "- -"),
  "@script-hash@": sha256(script, "base64"),
  "@style-hash@": sha256(style, "base64"),
  "@style@": style,
  "@script@": script,
};
let page = read("src/page.html");
for (const [mark, text] of Object.entries(parts)) page = page.replace(mark, () => text);
const [before, after] = page.split("@data@");
if (after === undefined || before.split("@title@").length !== 2) throw new Error("@title@ and @data@ stand once each");
const target = join(here, "../page.html");
writeFileSync(target, page);
console.log(`${packages.join(", ")}: ${(page.length / 1000).toFixed(0)} kB in repomap/page/page.html`);
