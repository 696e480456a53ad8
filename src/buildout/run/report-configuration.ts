import type { Buildout } from "./buildout.ts";
import { shownOptions } from "./shown-options.ts";
import { rememberedOptions } from "./staleness.ts";

/** Shows the sections that the run has used by now, without what a recipe declares as secret. */
export async function reportConfiguration(buildout: Buildout): Promise<void> {
  const sections: { name: string; options: [string, string][] }[] = [];
  const secrets: string[] = [];
  for (const name of buildout.usedSections().sort()) {
    const configured = buildout.parts.includes(name) ? await buildout.part(name) : undefined;
    if (configured === undefined) {
      const section = await buildout.section(name);
      // What nothing has referred to is not read for this.
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
  // A secret may stand in a section of its own, which the part refers to.
  const isPublic = ([, value]: [string, string]) => !secrets.some((one) => value.includes(one));
  buildout.report({
    type: "configuration",
    sections: sections.map(({ name, options }) => ({
      name,
      options: shownOptions(options.filter(isPublic)),
    })),
  });
}
