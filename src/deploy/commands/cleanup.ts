/** cleanup: removes old releases, and released develop packages that no kept release names. */
import { readOwnWords } from "../../arguments/own-words.ts";
import { BuildoutError } from "../../errors/error.ts";
import { bytesText } from "../../system/bytes.ts";
import { removable } from "../host/history.ts";
import { cleanupFactsScript, cleanupScript } from "../host/release-state.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { warnOfStaying } from "./aside.ts";
import { failed } from "./failed.ts";
import { hostReleases, repairState } from "./upload.ts";

export const cleanupCommand: CommandDefinition = {
  name: "cleanup",
  releases: true,
  description: "Remove old releases, and packages in the host's cache that no kept release names",
  arguments: "none",
  own: [
    {
      name: "keep",
      long: "keep",
      value: {
        ...{ placeholder: "NUMBER", called: "number" },
        form: { pattern: /^[1-9]\d{0,5}$/, needs: "a number from 1" },
      },
      help: "Good releases to keep; default: keep-releases",
    },
    { name: "plan", long: "plan", help: "Show what would go, and change nothing" },
  ],
  help: "The current release, and what came after it, always stay.",
  example: "cleanup --keep 3 --plan",
  source: "collective.hostout",
  async run(context, args) {
    const { given } = readOwnWords(cleanupCommand, args.map(String));
    const plan = given.has("plan");
    const keep = given.get("keep");
    // Who only looks needs no lock.
    if (!plan) {
      await context.session.lock();
      await repairState(context);
    }
    return cleanUp(context, keep === undefined ? context.options.keepReleases : Number(keep), plan);
  },
};

interface Removed {
  releases: number[];
  packages: string[];
}

async function cleanUp(context: CommandContext, keep: number, plan: boolean): Promise<Removed> {
  const { session, options } = context;
  const { current } = await session.facts();
  const { history, kept } = await hostReleases(context);
  // Without a current release nobody knows which one is good.
  const going = current ? removable(history, [...kept.keys()], current.number, keep) : [];
  const { unnamed, left } = await lookAtCache(context, going);
  const names = unnamed.map(({ name }) => name);
  const did = plan ? "Would remove" : "Removed";
  if (!plan && (going.length + names.length > 0 || left)) await remove(context, going, names);
  for (const number of going) session.note(`${did} release ${number} (${kept.get(number)})`);
  for (const { name, bytes } of unnamed) session.note(`${did} ${name} (${bytesText(bytes)})`);
  if (going.length + names.length === 0) session.note(`Nothing to remove on ${options.name}`);
  return { releases: going, packages: names };
}

interface Cache {
  /** Released develop packages that no kept release names. */
  unnamed: { name: string; bytes: number }[];
  /** Programs that were cut off have left something. */
  left: boolean;
}

async function lookAtCache(context: CommandContext, going: readonly number[]): Promise<Cache> {
  const { session, options, project } = context;
  const facts = await session.facts();
  const shared = options.buildoutCache !== undefined;
  const others = [...project.hosts.values()].flatMap(({ buildoutCache, path }) =>
    buildoutCache === options.buildoutCache && path.startsWith("/") ? [path] : [],
  );
  const script = cleanupFactsScript(facts, { shared, going, others });
  const connection = await session.buildoutConnection();
  const result = await connection.sh(script, { signal: session.signal });
  if (result.code !== 0) throw failed("Looking at the cache", result);
  const lines = result.stdout.split("\n");
  const valuesOf = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const left = valuesOf("left").length > 0;
  const unknown = valuesOf("unknown");
  if (unknown.length > 0) {
    const text = `Packages in ${facts.cache} stay: the releases of ${unknown.join(", ")} cannot be read.`;
    session.emit({ type: "warning", text: text.replace(/\p{Cc}/gu, " ") });
    return { unnamed: [], left };
  }
  const named = new Set(valuesOf("named"));
  const files = valuesOf("file").flatMap((line) => {
    // Only what this tool has released has a hash in its version.
    const [, bytes, name, hash] =
      /^(\d+) ([^/\p{Cc}]+-[^-]*(\+h[0-9a-f]{12})[.-]\S+)$/u.exec(line) ?? [];
    return name === undefined ? [] : [{ name, bytes: Number(bytes), hash: hash! }];
  });
  return { unnamed: files.filter(({ hash }) => !named.has(hash)), left };
}

async function remove(
  context: CommandContext,
  numbers: readonly number[],
  names: readonly string[],
): Promise<void> {
  const { session } = context;
  const facts = await session.facts();
  const { who } = session.purpose;
  const line = JSON.stringify({ event: "cleanup", start: null, who, removed: numbers });
  const script = cleanupScript(facts, numbers.length > 0 ? line : "", numbers, names);
  const connection = await session.buildoutConnection();
  const result = await connection.sh(script, { signal: session.signal });
  session.forget();
  if (result.code !== 0) throw failed("Cleaning up", result);
  warnOfStaying(context, facts.path, result.stdout);
  const [, busy] = /^busy (.+)$/m.exec(result.stdout) ?? [];
  if (busy === undefined) return;
  throw new BuildoutError(
    "host-locked",
    `Packages in ${facts.cache} stay: ${busy} is being deployed.`,
    { hint: "Run 'cleanup' again when that has ended.", exitStatus: 75 },
  );
}
