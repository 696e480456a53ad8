import { BuildoutError } from "../../errors/error.ts";
import type { InstalledPackage } from "./lockfile.ts";
import { type Semver, satisfies } from "./package-pins.ts";
import type { InstallPlan } from "./plan.ts";

/**
 * Checks an installed tree against the pins: npm's `overrides` apply a pin even if it conflicts with a
 * package, and allow packages without pins. Throws `version-conflict` or `unpinned-version`, naming both
 * sides.
 */
export async function verifyTree(
  tree: readonly InstalledPackage[],
  plan: InstallPlan,
  allowPicked: boolean,
): Promise<void> {
  const semver: Semver = (await import("semver")).default;
  const local = new Set([
    ...plan.develop.map((item) => item.package.name),
    ...plan.archives.map(({ name }) => name),
  ]);
  for (const item of tree) {
    for (const { name, range, peer, answer } of item.requires) {
      if (peer) continue; // npm checks those itself, as strictly as the user wants
      if (answer === undefined || answer.bundled || !plan.pins.has(answer.name)) continue;
      if (satisfies(answer.version, range, semver)) continue;
      throw new BuildoutError(
        "version-conflict",
        `${item.name} ${item.version} requires '${name}@${range}', but [versions] pins ${answer.name} ${answer.version}.`,
        { hint: `Change the pin, or add '${name}@V = V' with a matching version.` },
      );
    }
    const { name, version, bundled } = item;
    if (local.has(name) || bundled) continue;
    const pins = plan.pins.get(name)?.filter((pin) => semver.validRange(pin) !== null);
    if (pins?.some((pin) => semver.satisfies(version, pin)) === true) continue;
    if (pins === undefined && allowPicked) continue;
    const by = tree.find(({ requires }) => requires.some(({ answer }) => answer === item));
    const asker = by === undefined ? "the part" : `${by.name} ${by.version}`;
    throw pins === undefined
      ? new BuildoutError(
          "unpinned-version",
          `Picked: ${name} = ${version}, required by ${asker}, but allow-picked-versions is false.`,
          { hint: `Add '${name} = ${version}' to the section that 'versions' names.` },
        )
      : new BuildoutError(
          "version-conflict",
          `${asker} got ${name} ${version}, but [versions] pins ${pins.join(" and ")}.`,
          { hint: "Change the pin." },
        );
  }
}
