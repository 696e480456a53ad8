import { type Distribution, versionsOf } from "../../src/index.ts";

/**
 * Pins of everything the development buildout uses, sorted and reproducible; in zc.buildout's format for
 * picked versions, with indirect requirements last.
 */
export function versionsFile(distributions: readonly Distribution[]): string {
  const requirers = new Map<string, Set<string>>();
  for (const { name, version, requiredBy = [] } of distributions) {
    const key = `${name} ${version}`;
    const known = requirers.get(key) ?? new Set();
    for (const requirer of requiredBy) known.add(requirer.replace(" ", "=="));
    requirers.set(key, known);
  }
  const direct: string[] = [];
  const required: string[] = [];
  for (const [option, version] of versionsOf(distributions)) {
    const pin = `${version === "0.0" ? "# " : ""}${option} = ${version}\n`;
    const name = option.replace(/(?!^)@.*$/, "");
    const askers = [...(requirers.get(`${name} ${version}`) ?? [])].sort();
    if (askers.length === 0) direct.push(pin);
    else required.push(["\n# Required by:\n", ...askers.map((one) => `# ${one}\n`), pin].join(""));
  }
  return ["[versions]\n", ...direct, ...required].join("");
}
