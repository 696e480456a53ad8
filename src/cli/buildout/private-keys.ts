/** Private keys of hosts that are in git, or would be added. */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Finding } from "../../buildout/lint/lint.ts";
import { ignoreSecrets } from "../../buildout/run/ignored.ts";
import type { Configuration } from "../../config/merge/configuration.ts";
import { exposedKey } from "../../deploy/part/keys-in-git.ts";
import { expandUser } from "../../pythonic/path.ts";
import type { Environment } from "./command.ts";

const RECIPES = new Set(["hostout", "collective.hostout"]);

/** A finding for each key of a hostout part, and for each file named like such a key. */
export async function exposedKeys(
  { sections, location }: Configuration,
  directory: string,
  home: string | undefined,
): Promise<Finding[]> {
  const keys = new Map<string, Finding["location"]>();
  for (const name of readdirSync(directory)) {
    if (name.endsWith("_key")) keys.set(resolve(directory, name), undefined);
  }
  for (const [name, options] of sections) {
    if (!RECIPES.has(options.get("recipe") ?? "")) continue;
    const file = options
      .get("identity-file")
      ?.trim()
      .replace(/\.pub$/, "");
    if (file) keys.set(resolve(directory, expandUser(file, home)), location(name, "identity-file"));
  }
  const findings: Finding[] = [];
  for (const [key, place] of keys) {
    const exposed = await exposedKey(key);
    if (exposed === undefined) continue;
    findings.push({ severity: "warning", code: "exposed-key", location: place, ...exposed });
  }
  return findings;
}

/** For a buildout with hosts: writes `.gitignore`, and warns of keys that are in git anyway. */
export async function keepKeysPrivate(
  configuration: Configuration,
  directory: string,
  { report, env }: Environment,
): Promise<void> {
  const hosts = [...configuration.sections.values()].filter((options) =>
    RECIPES.has(options.get("recipe") ?? ""),
  );
  if (hosts.length > 0) ignoreSecrets(directory, report);
  for (const { code, message, hint, location } of await exposedKeys(
    configuration,
    directory,
    env.HOME,
  )) {
    report({ type: "warning", code, message: `${message} ${hint}`, ...location });
  }
}
