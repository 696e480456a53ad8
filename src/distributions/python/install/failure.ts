/** Turns failures of pip and uv into errors with hints. Over 300 lines: the kinds of failure depend on each other. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { shownUrl } from "../../../config/download/downloader.ts";
import { BuildoutError } from "../../../errors/error.ts";
import { didYouMean } from "../../../errors/nearest.ts";
import { authorityHint } from "../../../system/authorities.ts";
import type { Environment } from "../environment.ts";
import { eggsIn, type FoundEgg, oldEggs } from "../installers/eggs.ts";
import type { InstallerFailure } from "../installers/installer.ts";
import {
  type ConflictSide,
  conflictSides,
  failureOutput,
  outputOf,
  unmatched,
} from "../installers/pip-output.ts";
import { versionConflict } from "../pins.ts";
import {
  allows,
  normalizeName,
  pinSpecifiers,
  type Requirement,
  readRequirement,
  requirementText,
} from "../requirement.ts";
import type { Search } from "../search.ts";
import { getting } from "./checks.ts";
import { projectNames } from "./index-names.ts";
import type { Situation } from "./request.ts";

export interface FailureContext {
  situation: Situation;
  environment: Environment;
  search: Search;
  failure: InstallerFailure;
  /** The versions of a project that the installer finds, looked up on demand. */
  versions(name: string): Promise<string[]>;
  /** The index of the user's own settings. */
  userIndex(): Promise<string | undefined>;
  /** The eggs of a project on web pages. */
  eggsOnPages(search: Search, key: string): Promise<readonly FoundEgg[]>;
  /** Reports once that a distribution is being fetched. */
  announce(name: string, requirement: string): void;
}

const NETWORK =
  /NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProtocolError|IncompleteRead|ConnectionResetError|RemoteDisconnected|NameResolutionError|SSLError|Max retries exceeded|Could not fetch URL|(?:Request failed after \d+ retries|error sending request|invalid peer certificate|tcp connect error|dns error)/;
const DAMAGED =
  /Wheel '[^']+' located at \S+ is invalid|BadZipFile|EOFError: Compressed file ended|tarfile\.ReadError|has an invalid wheel/;
const UNREACHABLE_HOST =
  /host='([^']+)', port=(\d+)|connection to ([\w.-]+)|https?:\/\/(?:[^@/\s]*@)?([\w.:-]+)/;

/** The project that pip was processing when it failed. */
function lastProject(text: string): string | undefined {
  const named =
    /(?:Failed building (?:wheel|editable) for|Could not build wheels for|Failed to build:?(?: installable wheels for)?) '?([A-Za-z0-9._-]+)/.exec(
      text,
    )?.[1];
  if (named) return named;
  const started = [...text.matchAll(/^\s*(?:Collecting|Processing) (\S+)/gm)].at(-1)?.[1];
  return started?.replace(/^.*\//, "").replace(/[<>=!~[;@].*$|-\d.*$/, "");
}

function requirerOf(text: string, { request }: Situation): string {
  const from = /\(from ([^()]+?)(?:->[^()]*)?\)/.exec(text)?.[1];
  if (from !== undefined && !from.startsWith("-r ") && !from.startsWith("versions")) {
    return from.replace("==", " ");
  }
  return request.asker;
}

function unreachable(place: string | undefined, wanted: string, text: string): BuildoutError {
  const reason = place
    ? `${place} cannot be reached, or closed the connection`
    : "the package index cannot be reached";
  return new BuildoutError("index-unreachable", `Couldn't install ${wanted}: ${reason}.`, {
    hint:
      authorityHint(text) ??
      "Check the network, the proxy, and 'index' and 'find-links' in [buildout]; then run buildout again.",
    output: outputOf(text),
  });
}

function refused(place: string, wanted: string): BuildoutError {
  return new BuildoutError(
    "index-refused",
    `Couldn't install ${wanted}: ${place} refused the request.`,
    {
      hint: "Check the login in 'index' of [buildout], in pip's settings or in ~/.netrc.",
    },
  );
}

/** The places where an installer looks, for messages. */
function placesOf({ index, noIndex, findLinks }: Search): string[] {
  const shown = (url: string) => (url.startsWith("file:") ? fileURLToPath(url) : shownUrl(url));
  const links = findLinks.map(shown);
  if (noIndex) return links;
  const last = index === undefined ? "the installer's own index" : shown(index);
  return [...new Set([...links, last])];
}

async function notFound(
  context: FailureContext,
  requirement: Requirement,
  published: readonly string[],
  requirer: string,
): Promise<BuildoutError> {
  const { situation, environment, search, failure, userIndex, announce } = context;
  const { key, name } = requirement;
  const { pins } = situation;
  const pin = pinSpecifiers(pins.get(key) ?? "") ?? [];
  const pinned = published.find((version) => allows({ ...requirement, specifiers: pin }, version));
  if (pinned !== undefined && pins.isExact(key) && !allows(requirement, pinned)) {
    return pins.conflict(requirement, pins.get(key)!, requirer);
  }
  // Only the exact pin is looked for.
  const specifiers = pins.isExact(key) ? pin : [...new Set([...requirement.specifiers, ...pin])];
  const text = requirementText({ ...requirement, specifiers });
  if (environment.candidates(key).length === 0) announce(name, text);
  const location = pin.length > 0 ? pins.location(key) : undefined;
  const index = search.noIndex ? undefined : (search.index ?? (await userIndex()));
  const eggs = [
    ...eggsIn(search.findLinks, situation.interpreter),
    ...oldEggs(situation.request.eggsDirectory, situation.interpreter),
    ...(await context.eggsOnPages({ ...search, index }, key)),
  ]
    .filter((egg) => egg.key === key && egg.obstacle !== undefined)
    .map(({ path, obstacle }) => `${path} is not used: ${obstacle}.`);
  const looked = `Searched ${placesOf({ ...search, index }).join(", ")}.`;
  const developed = environment.overruled().find((one) => one.key === key);
  const ruledOut =
    developed &&
    `${developed.name} ${developed.version} is developed in ${developed.location}, but the pin excludes it: change the pin, or remove the package from develop.`;
  const error = (code: "version-not-found" | "package-not-found", help: string | undefined) =>
    new BuildoutError(code, `Couldn't find a distribution for '${text}'.`, {
      while: [getting(text)],
      ...(location && { location }),
      hint: [`${requirer} requires it.`, help, ...eggs, looked].filter(Boolean).join(" "),
    });
  if (published.length > 0 || developed) {
    const newest = published.slice(-8).reverse().join(", ");
    const there = newest && `Available versions: ${newest}${published.length > 8 ? ", ..." : ""}.`;
    return error("version-not-found", [there, ruledOut].filter(Boolean).join(" "));
  }
  const offered = await projectNames({ ...search, index });
  // Without retries, pip does not report an unreachable index.
  if (offered.unreachable) return unreachable(offered.unreachable, `'${text}'`, failure.output);
  if (offered.refused) return refused(offered.refused, `'${text}'`);
  const known = [...environment.keys(), ...offered.names];
  const { version, platform } = situation.interpreter;
  const help = offered.names.some((one) => normalizeName(one) === key)
    ? `The index has it, but no file for Python ${version} on ${platform}.`
    : (didYouMean(name, known) ?? didYouMean(key, known.map(normalizeName)));
  return error("package-not-found", help);
}

/** In a conflict: the error for a side that no available version satisfies by itself. */
async function unmet(context: FailureContext, sides: readonly ConflictSide[]) {
  const { request } = context.situation;
  const published = new Map<string, string[]>();
  for (const { requirement, by } of sides) {
    const { key, name } = requirement;
    const versions = published.get(key) ?? (await context.versions(name));
    published.set(key, versions);
    if (versions.some((version) => allows(requirement, version))) continue;
    // For a pin, report who requires the pinned package.
    const told = by ? undefined : sides.find((side) => side.by && side.requirement.key === key);
    const requirer = told?.by ?? by ?? request.asker;
    return notFound(context, told?.requirement ?? requirement, versions, requirer);
  }
  return undefined;
}

async function conflict(context: FailureContext): Promise<BuildoutError> {
  const { situation, failure, environment } = context;
  const { pins, request } = situation;
  const sides = conflictSides(failure.output, request.asker);
  const pinned = sides.find(({ by }) => by === undefined);
  const other = sides.find(({ by }) => by !== undefined);
  const key = pinned?.requirement.key ?? "";
  const pin = pins.get(key);
  const developed = environment.developed().find((one) => one.key === key);
  if (other && developed) {
    // This is its stub, not a pin.
    return versionConflict(developed, { ...other, by: undefined }, other.by!);
  }
  // There may be no such version at all, which uv reports itself.
  const missing = failure.installer === "pip" ? await unmet(context, sides) : undefined;
  if (missing) return missing;
  if (other && pinned && pin !== undefined && pins.isExact(key)) {
    return pins.conflict(other.requirement, pin, other.by);
  }
  const lines = sides.map(({ requirement, by }) => {
    const text = requirementText(requirement);
    return by === undefined ? `the version is ${text}` : `${by} requires ${text}`;
  });
  return new BuildoutError(
    "version-conflict",
    `There is a version conflict.${lines.length > 0 ? `\n${lines.join(",\nbut ")}.` : ""}`,
    lines.length > 1 ? {} : { output: outputOf(failure.output) },
  );
}

function hashMismatch(text: string): BuildoutError {
  const [, name = "a distribution", expected = "", got = ""] =
    /^ {4}(\S+).*:\n\s+Expected (\w+ \w+)\n\s+Got\s+(\w+)/m.exec(text) ?? [];
  return new BuildoutError(
    "hash-mismatch",
    `The archive of ${name} does not have the expected content.`,
    {
      hint: expected
        ? `Expected ${expected}, got ${got}: it was damaged in transit, or somebody replaced it.`
        : undefined,
      ...(expected ? {} : { output: outputOf(text) }),
    },
  );
}

/**
 * The error for a failed installation; codes as `installPythonDistributions` lists them. Over 80 lines: the
 * order of the checks matters.
 */
export async function explainFailure(context: FailureContext): Promise<BuildoutError> {
  const { situation, failure } = context;
  const { output: text, installer } = failure;
  const { request, interpreter } = situation;
  const wanted = request.requirements.map((one) => `'${one}'`).join(", ");

  const leaving =
    /The (?:wheel|(?:tar|zip) file) [('"]?(.+?)[)'"]? has a file [('"]?(.+?)[)'"]? trying to install outside (?:the )?target directory [('"]?([^)'"\n]+)/;
  const member = /Invalid member in the tar file (\S+) - ['"]?(.+?)['"]? (?:would|is)/;
  const [, archive, file = "", target = ""] = leaving.exec(text) ?? member.exec(text) ?? [];
  if (archive !== undefined) {
    const isBelow = target !== "" && file.startsWith(`${target}/`);
    const inside = isBelow ? file.slice(target.length + 1) : file;
    return new BuildoutError(
      "unsafe-archive",
      `${basename(archive)} would write outside its own directory: ${inside}`,
      { hint: "It is broken or malicious: check its origin." },
    );
  }
  if (/DO NOT MATCH THE HASHES|Hash mismatch for/.test(text)) return hashMismatch(text);
  if (DAMAGED.test(text)) {
    const name = /Wheel '([^']+)' located at/.exec(text)?.[1] ?? lastProject(text) ?? wanted;
    const [address = ""] =
      [...text.matchAll(/(?:Downloading|Processing) (\S+)/g)].at(-1)?.slice(1) ?? [];
    const source = address && ` from ${URL.canParse(address) ? new URL(address).host : address}`;
    return new BuildoutError(
      "archive-damaged",
      `The archive of ${name}${source} is damaged or incomplete.`,
      { hint: "If the network failed, run buildout again." },
    );
  }
  if (/ResolutionImpossible/.test(text)) return conflict(context);

  const python = /(?:Package '([^']+)' requires a different Python: \S+ not in '([^']+)')/.exec(
    text,
  );
  const ignored = /require a different python version: (.+)$/im.exec(text)?.[1];
  const { requirement, line = "", published = [] } = unmatched(text) ?? {};
  if (python || (requirement && published.length === 0 && ignored)) {
    const name = python?.[1] ?? requirement!.name;
    const needed = python?.[2] ?? /Requires-Python ([^;]+)/.exec(ignored ?? "")?.[1] ?? "another";
    const version = interpreter.facts().versionInfo.slice(0, 3).join(".");
    return new BuildoutError(
      "wrong-interpreter",
      `${name} requires Python ${needed.trim()}, but ${interpreter.executable} is Python ${version}.`,
      {
        hint: "Pin another version, or choose another interpreter with 'executable' in [buildout] or 'python = SECTION'.",
      },
    );
  }
  if (NETWORK.test(text) && published.length === 0) {
    const [, host, port, second, third] = UNREACHABLE_HOST.exec(text) ?? [];
    const place = host ? `${host}${port && port !== "443" ? `:${port}` : ""}` : (second ?? third);
    return unreachable(place, wanted, text);
  }
  const [, absent] =
    /Because (\S+) was not found in (?:the package registry|the provided)/.exec(text) ?? [];
  if (installer === "uv" && absent) {
    return notFound(context, readRequirement(absent)!, [], request.asker);
  }
  const [, gone] = /there is no version of (\S+?)[,\s]/.exec(text) ?? [];
  if (installer === "uv" && gone) {
    const location = situation.pins.location(readRequirement(gone)!.key);
    return new BuildoutError("version-not-found", `Couldn't find a distribution for '${gone}'.`, {
      while: [getting(gone)],
      ...(location && { location }),
      output: outputOf(text),
    });
  }
  if (requirement) {
    return notFound(context, requirement, published, requirerOf(line, situation));
  }
  if (
    /subprocess-exited-with-error|metadata-generation-failed|Failed building|Could not build|Failed to build/.test(
      text,
    )
  ) {
    const name = lastProject(text) ?? wanted;
    return new BuildoutError("build-failed", `Couldn't build ${name}.`, {
      output: failureOutput(text),
    });
  }
  const reason = /^(?:ERROR|error): (.+)$/m.exec(text)?.[1];
  return new BuildoutError(
    "install-failed",
    `Couldn't install ${wanted}: ${installer} failed${reason ? ` (${reason})` : ""}.`,
    { output: outputOf(text) },
  );
}
