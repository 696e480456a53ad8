import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Size {
  files: number;
  options: number;
  parts: number;
}

/**
 * Writes a buildout into `directory`: `buildout.cfg` extends the other files, which contain two sections each.
 * A fifth of the options are references, and the first `parts` sections are parts.
 */
export function writeConfiguration(directory: string, { files, options, parts }: Size): void {
  mkdirSync(directory, { recursive: true });
  const sections = files * 2;
  const each = Math.floor(options / sections);
  for (let file = 0; file < files; file++) {
    const lines = file === 0 ? head(files, parts) : [];
    for (const section of [2 * file, 2 * file + 1]) {
      lines.push(`[section-${section}]`);
      const own = section < parts ? partOptions(section) : [];
      const rest = Array.from({ length: each - own.length }, (_, i) => option(i, section));
      lines.push(...own, ...rest);
    }
    writeFileSync(join(directory, fileName(file)), `${lines.join("\n")}\n`);
  }
}

const fileName = (index: number) => (index === 0 ? "buildout.cfg" : `file-${index}.cfg`);

function head(files: number, parts: number): string[] {
  const others = Array.from({ length: files - 1 }, (_, i) => `    ${fileName(i + 1)}`);
  const names = Array.from({ length: parts }, (_, i) => `    section-${i}`);
  return ["[buildout]", "extends =", ...others, "parts =", ...names];
}

function partOptions(section: number): string[] {
  return [
    "recipe = collective.recipe.template",
    `output = \${buildout:parts-directory}/${section}.txt`,
    "inline = a small file",
  ];
}

function option(index: number, section: number): string {
  const value = index % 5 === 4 ? `\${:option-${index - 1}}/more` : `value ${index} of ${section}`;
  return `option-${index} = ${value}`;
}
