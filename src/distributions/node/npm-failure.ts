import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { authorityHint } from "../../system/authorities.ts";
import { lastLines } from "../../system/process.ts";

/** Data about a failed `npm install`. */
export interface FailureContext {
  /** npm's output. */
  output: string;
  exitCode: number | undefined;
  /** The requirements to install, as written by the user. */
  packages: readonly string[];
  /** Who requires a package, if known: name -> `name version`. */
  requiredBy: ReadonlyMap<string, string>;
  developNames: readonly string[];
  offline: boolean;
  /** The available versions of a package without a matching one, looked up on demand. */
  publishedVersions?: readonly string[];
}

/** npm's error lines without its prefix, its code and the path of its log file. */
function errorLines(output: string): { code: string; lines: string[] } {
  const lines = output
    .split("\n")
    .flatMap((line) => /^npm (?:error|ERR!) ?(.*)$/.exec(line)?.[1] ?? [])
    .filter((line) => !/complete log of this run|^\s*$|-debug-\d+\.log$|^ +at /.test(line));
  const code = lines.find((line) => line.startsWith("code "))?.slice(5) ?? "";
  const text = lines
    .filter((line) => !/^(code|errno|syscall|path) /.test(line))
    .map((line) =>
      code === "" ? line : line.replace(/^(\d{3}|[a-z]+) +(?=\S)/, unlessWord(code)),
    );
  return { code, lines: [...new Set(text)] };
}

/** npm repeats its code in front of each line (`404 Not Found`, `notarget No matching ...`). */
function unlessWord(code: string) {
  const label = code.replace(/^E/, "").toLowerCase();
  return (whole: string, word: string) => (word === label ? "" : whole);
}

function versionsHint(name: string, versions: readonly string[] = []): string {
  if (versions.length === 0) return `List the available versions: npm view ${name} versions`;
  const newest = versions.slice(-8).reverse().join(", ");
  return `Available: ${newest}${versions.length > 8 ? ", ..." : ""}`;
}

/** The package for which npm found no matching version, if its output says so. */
export function packageWithoutVersion(output: string): string | undefined {
  return /No matching version found for (@?[^@\s]+)@/.exec(output)?.[1];
}

const UNREACHABLE =
  /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ERR_SOCKET)/;

/** Turns npm's failure into an error with the package, who requires it and what to do. */
export function explainFailure(context: FailureContext): BuildoutError {
  const { code, lines } = errorLines(context.output);
  const wanted = context.packages.map((name) => `'${name}'`).join(", ");
  const text = lines.join("\n");
  const output = lines.length > 0 ? lastLines(text) : lastLines(context.output);
  const missing = /'(@?[^'@\s]+)@([^'\s]*)'/.exec(text) ?? /for (@?[^@\s]+)@(\S+?)\.?$/m.exec(text);
  const [, name = "", range = ""] = missing ?? [];
  const asker = context.requiredBy.get(name);
  const by = asker === undefined ? "" : `, required by ${asker}`;
  if (code === "E404" && name !== "") {
    return new BuildoutError(
      "package-not-found",
      `Couldn't find a package for '${name}'${by}: the npm registry does not have it.`,
      { hint: didYouMean(name, context.developNames), output },
    );
  }
  if (code === "ETARGET" && name !== "") {
    return new BuildoutError(
      "version-not-found",
      `Couldn't find a version of '${name}' that matches '${range}'${by}.`,
      { hint: versionsHint(name, context.publishedVersions), output },
    );
  }
  if (code === "ENOTCACHED" || (context.offline && UNREACHABLE.test(code))) {
    return new BuildoutError(
      "offline",
      `Couldn't install ${wanted}: it is not in npm's cache, and the buildout is offline.`,
      { hint: "Run once without -o (offline = false).", output },
    );
  }
  if (UNREACHABLE.test(code)) {
    return new BuildoutError(
      "registry-unreachable",
      `Couldn't install ${wanted}: the npm registry cannot be reached (${code}).`,
      { hint: "Check the network, the proxy and the registry in your .npmrc.", output },
    );
  }
  const untrusted = authorityHint(code);
  if (untrusted !== undefined) {
    return new BuildoutError(
      "registry-unreachable",
      `Couldn't install ${wanted}: the certificate of the npm registry is not trusted (${code}).`,
      { hint: untrusted, output },
    );
  }
  const status = context.exitCode === undefined ? "was stopped" : `exit status ${context.exitCode}`;
  return new BuildoutError(
    "npm-failed",
    `Couldn't install ${wanted}: npm failed (${code === "" ? status : code}).`,
    { output },
  );
}
