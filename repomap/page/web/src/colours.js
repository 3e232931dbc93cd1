// Which colour a file has in the picture, by folder, kind, rank or history, in light and in dark.

export const KIND_HUES = {
  source: 190, test: 140, docs: 85, example: 110, build: 50, config: 30, data: 300, generated: 330, vendored: 0, fixture: 270,
};
const STEPS = 24;

const quantized = (share) => Math.round(Math.max(0, Math.min(1, share)) * STEPS) / STEPS;

/** The colours of a theme: of the ground, of frames, of texts, and functions for cells. */
export function palette(isDark) {
  return isDark
    ? {
        ground: "#14181c", frame: ["#1d232a", "#222931", "#272f38"], edge: "#39434d", text: "#f0f3f5", faint: "rgb(240 243 245 / .62)",
        folder: "#c3ccd4", uses: "#7ab0ff", used: "#f5a65b", chosen: "#ffffff", veil: "rgb(20 24 28 / .38)", hover: "#cfd8df", dim: 0.2,
        hue: (hue, lift = 0) => `oklch(${0.41 + lift * 0.05} 0.058 ${hue})`,
        plain: "oklch(0.33 0.006 240)",
        rank: (share) => `oklch(${0.29 + 0.24 * quantized(share)} ${0.012 + 0.075 * quantized(share)} 185)`,
        heat: (share) => `oklch(${0.31 + 0.24 * quantized(share)} ${0.02 + 0.115 * quantized(share)} ${75 - 35 * quantized(share)})`,
      }
    : {
        ground: "#f6f7f8", frame: ["#e9ecef", "#e1e5e9", "#d9dee3"], edge: "#c9d0d6", text: "#1c2329", faint: "rgb(28 35 41 / .66)",
        folder: "#414b54", uses: "#2563c9", used: "#b4530a", chosen: "#0d1317", veil: "rgb(246 247 248 / .55)", hover: "#3a444c", dim: 0.22,
        hue: (hue, lift = 0) => `oklch(${0.865 + lift * 0.03} 0.058 ${hue})`,
        plain: "oklch(0.93 0.004 240)",
        rank: (share) => `oklch(${0.955 - 0.225 * quantized(share)} ${0.012 + 0.085 * quantized(share)} 185)`,
        heat: (share) => `oklch(${0.955 - 0.215 * quantized(share)} ${0.018 + 0.115 * quantized(share)} ${80 - 40 * quantized(share)})`,
      };
}

/** Make the function that colours a cell: folders share out the hues, so that neighbours look alike. */
export function colouring(by, repo, colours) {
  const best = repo.files[0]?.score || 1;
  const most = Math.log1p(Math.max(1, ...repo.files.map((file) => file.commits)));
  const kind = (file) => KIND_HUES[file.kind];
  return {
    folder: (node) => colours.hue(node.hue, node.data.file.kind === "source" ? 0 : 0.5),
    kind: ({ data: { file } }) => (kind(file) === undefined ? colours.plain : colours.hue(kind(file))),
    rank: ({ data: { file } }) => colours.rank(Math.sqrt(file.score / best)),
    history: ({ data: { file } }) => (file.commits ? colours.heat(Math.log1p(file.commits) / most) : colours.plain),
  }[by];
}

/** Give every folder a part of its parent's hues, by size; with gaps, so that siblings differ. */
export function shareHues(node, start = 170, span = 300) {
  node.hue = (start + span / 2) % 360;
  const children = node.children ?? [];
  const inner = children.filter((child) => child.children);
  const total = inner.reduce((sum, child) => sum + Math.sqrt(child.value), 0) || 1;
  for (const child of children) if (!child.children) child.hue = node.hue;
  let at = start;
  for (const child of inner) {
    const part = (span * Math.sqrt(child.value)) / total;
    shareHues(child, at + part * 0.12, inner.length > 1 ? part * 0.76 : part);
    at += part;
  }
}
