import type { PickedVersion } from "../../events/engine.ts";

/** A section of pins as zc.buildout prints it: direct requirements come first. */
export function formatPicked(picked: readonly PickedVersion[]): string[] {
  const line = ({ option, version }: PickedVersion) => `${option} = ${version}`;
  const direct = picked.filter(({ requiredBy }) => requiredBy.length === 0);
  const required = picked.filter(({ requiredBy }) => requiredBy.length > 0);
  return [
    "[versions]",
    ...direct.map(line),
    ...required.flatMap((one) => [
      "",
      "# Required by:",
      ...[...one.requiredBy].sort().map((asker) => `# ${asker}`),
      line(one),
    ]),
  ];
}
