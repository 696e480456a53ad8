import type { Buildout } from "./buildout.ts";
import { shownOptions } from "./shown-options.ts";
import { rememberedOptions } from "./staleness.ts";

/** Shows the sections used so far, without options that recipes declare as secret. */
export async function reportConfiguration(buildout: Buildout): Promise<void> {
  const sections: { name: string; options: [string, string][] }[] = [];
  const secrets: string[] = [];
  for (const name of buildout.usedSections().sort()) {
    const configured = buildout.parts.includes(name) ? await buildout.part(name) : undefined;
    if (configured === undefined) {
      const section = await buildout.section(name);
      // Do not read unreferenced options for this.
      sections.push({
        name,
        options: name === "secrets" ? [...section.snapshot()] : section.entries(),
      });
      continue;
    }
    const { options } = configured.part;
    const shown = rememberedOptions(configured, options.keys(), buildout.secrets);
    sections.push({ name, options: [...shown] });
    const hidden = [...options.keys()].filter((option) => !shown.has(option));
    secrets.push(...hidden.map((option) => options.get(option) ?? "").filter(Boolean));
  }
  // A secret may be in a separate section that the part refers to.
  const isPublic = ([, value]: [string, string]) => !secrets.some((one) => value.includes(one));
  buildout.report({
    type: "configuration",
    sections: sections.map(({ name, options }) => ({
      name,
      options: shownOptions(options.filter(isPublic)),
    })),
  });
}
