/** What a host knows about a release. */
import type { Form } from "../../arguments/grammar.ts";
import { BuildoutError } from "../../errors/error.ts";
import { isCompleteManifest, parseManifest } from "../host/entry.ts";
import { manifestScript } from "../host/kept-files.ts";
import type { NumberedRelease } from "../host/probe.ts";
import { configurationIn } from "../release/release.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";

/** How releases are named on the command line. */
export const RELEASE_NUMBER: Form = {
  pattern: /^[1-9]\d{0,8}$/,
  needs: "the number of a release",
};

/** The lines of its manifest, by path; undefined if some are missing. */
export async function keptManifest(
  { session }: CommandContext,
  number: number,
): Promise<Map<string, string> | undefined> {
  const { path } = await session.facts();
  const connection = await session.buildoutConnection();
  const result = await connection.sh(manifestScript(path, number), { signal: session.signal });
  if (result.code !== 0) throw failed(`Reading the manifest of release ${number}`, result);
  const entries = parseManifest(result.stdout);
  return isCompleteManifest(result.stdout, entries) ? entries : undefined;
}

/** The same; throws `state-damaged` if some are missing. */
export async function manifestOf(
  context: CommandContext,
  number: number,
): Promise<Map<string, string>> {
  const manifest = await keptManifest(context, number);
  if (manifest !== undefined) return manifest;
  throw new BuildoutError(
    "state-damaged",
    `The manifest of release ${number} on ${context.options.name} is damaged.`,
    { hint: "Nothing was changed. Use another release, or deploy again." },
  );
}

/**
 * The configuration that the host builds. Its name starts with that of the part that made the release,
 * which may be another part with the same directory.
 *
 * @throws BuildoutError `state-damaged`
 */
export async function configurationOf(
  context: CommandContext,
  { number, id }: NumberedRelease,
): Promise<string> {
  const found = configurationIn((await manifestOf(context, number)).keys(), id);
  if (found !== undefined) return found;
  throw new BuildoutError(
    "state-damaged",
    `The manifest of release ${number} on ${context.options.name} names no configuration.`,
    { hint: "Deploy again, or roll back to another release." },
  );
}
