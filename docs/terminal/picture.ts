// A recorded terminal as SVG: its lines appear one after the other, or at once for those who want no motion.
import { readFileSync } from "node:fs";

const FONT = 14;
/** Of a character, whichever font is there: each line is stretched to its length. */
const WIDTH = 8.4;
const HEIGHT = 21;
const PADDING = 22;
/** Seconds before a command, and before each line below it. */
const PAUSE = 0.9;
const STEP = 0.12;

const COLORS = {
  light: {
    paper: "#f7f5ee",
    rule: "#ddd8cb",
    ink: "#24272b",
    soft: "#5a5e63",
    accent: "#0c5f5c",
    bad: "#9a3412",
  },
  dark: {
    paper: "#1b1f22",
    rule: "#343a3e",
    ink: "#e6e3da",
    soft: "#a9aca9",
    accent: "#84cdc3",
    bad: "#f0a27a",
  },
};

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Parts of a line, each with its class. */
const CLASSES: readonly [RegExp, readonly string[]][] = [
  [/^(\$ )(.*)$/, ["accent", "command"]],
  [/^(Done:)(.*)$/, ["accent", ""]],
  [/^(\[127\.0\.0\.1\] out: )(.*)$/, ["soft", ""]],
  [/^(Hostout: )(.*)$/, ["soft", ""]],
  [/^( +RELEASE .*)$/, ["soft"]],
  [/^(.*)(bad: .*)$/, ["", "bad"]],
  [/^(Packages|Parts|Commands)(.*)$/, ["soft", ""]],
];

function spans(line: string): string {
  for (const [pattern, classes] of CLASSES) {
    const [, ...parts] = pattern.exec(line) ?? [];
    if (parts.length === 0) continue;
    return parts
      .map((part, at) =>
        classes[at] === ""
          ? escaped(part)
          : `<tspan class="${classes[at]}">${escaped(part)}</tspan>`,
      )
      .join("");
  }
  return escaped(line);
}

/** The picture of a recording, in the colors of a scheme. */
function picture(text: string, scheme: keyof typeof COLORS): string {
  const lines = text.trimEnd().split("\n");
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * WIDTH + 2 * PADDING);
  const height = lines.length * HEIGHT + 2 * PADDING;
  const { paper, rule, ink, soft, accent, bad } = COLORS[scheme];
  let seconds = -PAUSE;
  const drawn = lines.flatMap((line, at) => {
    if (line === "") return [];
    seconds += line.startsWith("$ ") ? PAUSE : STEP;
    const y = PADDING + (at + 0.75) * HEIGHT;
    const length = (line.length * WIDTH).toFixed(1);
    return `<text x="${PADDING}" y="${y}" textLength="${length}" style="animation-delay:${seconds.toFixed(2)}s">${spans(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A terminal">
<style>
text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${ink};white-space:pre;animation:show .15s both}
.command{font-weight:600}.soft{fill:${soft}}.accent{fill:${accent}}.bad{fill:${bad}}
@keyframes show{from{opacity:0}}
@media (prefers-reduced-motion:reduce){text{animation:none}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${paper}" stroke="${rule}"/>
${drawn.join("\n")}
</svg>
`;
}

const recorded = () =>
  readFileSync(new URL("../../docs/images/terminal.txt", import.meta.url), "utf8");

/** Path from the project's directory -> content. */
export const PICTURES: ReadonlyMap<string, () => string> = new Map([
  ["docs/images/terminal-light.svg", () => picture(recorded(), "light")],
  ["docs/images/terminal-dark.svg", () => picture(recorded(), "dark")],
]);
