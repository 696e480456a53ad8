/** The options of a hostout part. Over 300 lines: a field and its reading for each. */
import { resolve } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { didYouMean } from "../../errors/nearest.ts";
import { lines, repr, words } from "../../pythonic/text.ts";
import { globsBelow, type HealthCheck, healthCheck } from "./health-check.ts";
import { partNameProblem } from "./part-name.ts";
import { type MaxFail, type Rollout, readMaxFail, readRollout } from "./rollout.ts";
import { type TunnelRule, tunnelRule } from "./tunnel-allow.ts";

/** The options of one hostout part, defaults applied. Paths on the host are POSIX paths. */
export interface HostOptions {
  /** The part's name, which the command line calls the host. */
  name: string;
  /** What the command line calls it together with others: `@ROLE`. */
  roles: string[];
  host: string;
  port: number | undefined;
  /** Login user with sudo rights; undefined: what ~/.ssh/config or the system says. */
  user: string | undefined;
  password: string | undefined;
  passwordFile: string | undefined;
  identityFile: string | undefined;
  acceptNew: boolean;
  /** Old algorithms are offered too, for hosts that know no others. */
  legacyAlgorithms: boolean;
  sshConfig: string | undefined;
  knownHosts: string | undefined;
  /** Owns the code and runs the buildout; undefined: the login user does. */
  buildoutUser: string | undefined;
  /** Password of the buildout user, for hosts where it is no key that lets in. */
  buildoutPassword: string | undefined;
  buildoutPasswordFile: string | undefined;
  /** Owns `var` and runs the application; undefined: the buildout user does. */
  effectiveUser: string | undefined;
  /** What buildout user and effective user have in common. */
  buildoutGroup: string;
  /** The key that is made where `identityFile` is not there: `HOSTNAME_key` of the buildout folder. */
  ownKeyFile: string;
  /** The kind of system, for variants of commands; undefined: the host is asked. */
  hostos: string | undefined;
  /** Which engine runs the buildout on the host. */
  engine: "node" | "python";
  /** `X.Y` or `X.Y.Z`; undefined: that of this machine. */
  pythonVersion: string | undefined;
  /** Where it is built; undefined: beside the eggs. */
  pythonPath: string | undefined;
  forcePythonCompile: boolean;
  /** Configuration files to build on the host. */
  buildout: string[];
  path: string;
  buildoutCache: string | undefined;
  parts: string[];
  sudoParts: string[];
  include: string[];
  /**
   * Plugins that the part extends. Fabfiles are absolute paths, or the names of modules in Python;
   * without one it is a plugin that comes with this package.
   */
  plugins: { name: string; fabfile: string | undefined }[];
  /** Folders that fabfiles of plugins in Python are imported from. */
  pluginPath: string[];
  /** The interpreter of fabfiles, absolute; undefined: that of the buildout. */
  pythonExecutable: string | undefined;
  /** Files whose functions are commands of this host. */
  fabfiles: string[];
  preCommands: string[];
  postCommands: string[];
  /** One of these that fails lets the deployment fail. */
  strictCommands: boolean;
  /** Prints, on the host, what the data of the application are like. */
  dataVersion: string | undefined;
  /** What is asked once everything is up; undefined: nothing. */
  health: HealthCheck | undefined;
  /** Which hosts go back to the release before where one is not healthy. */
  rollbackOnFailure: RollbackScope;
  /** Globs below the path, of what the command `logs` shows. */
  logFiles: string[];
  noSudo: boolean;
  /** Good releases whose files are kept on the host. */
  keepReleases: number;
  /** Each release is built in a directory of its own, and `current` is switched to it. */
  atomic: boolean;
  /** In which batches commands that change hosts run on several. */
  rollout: Rollout | undefined;
  /** How many hosts may fail before no further batch begins. */
  maxFail: MaxFail | undefined;
  /** Beside `var`, what these releases have in common. */
  shared: string[];
  /** What others have changed in the buildout folder stays; the command line says so. */
  keepDrift: boolean;
  /** Commands on the host reach the network through this machine. */
  tunnel: boolean;
  /** Where else than to the internet the tunnel may lead. */
  tunnelAllow: TunnelRule[];
  shell: string;
  versionsFile: string;
  /** Every option of the part as written, for commands that look for their own. */
  all: ReadonlyMap<string, string>;
}

/** Where a host is not healthy: it goes back, its batch does, all hosts do, or none. */
const ROLLBACK_SCOPES = ["host", "batch", "all", "no"] as const;
export type RollbackScope = (typeof ROLLBACK_SCOPES)[number];

/** Names that earlier versions of the tool used for the same option. */
const OLD_NAMES: Record<string, string> = {
  start_cmd: "post-commands",
  stop_cmd: "pre-commands",
  extra_config: "include",
  remote_path: "path",
  identity_file: "identity-file",
  "system-python-use-not": "force-python-compile",
};

export function canonicalName(option: string): string {
  return Object.hasOwn(OLD_NAMES, option) ? OLD_NAMES[option]! : option;
}

/** The value of an option that cannot be meant. */
export class InvalidOption extends BuildoutError {
  readonly option: string;

  /** The message without the part. */
  readonly problem: string;

  constructor(part: string, option: string, message: string, hint: string | undefined) {
    super("invalid-option", `${part}:${option}: ${message}`, hint ? { hint } : {});
    this.option = option;
    this.problem = `${option}: ${message}`;
  }
}

/** What these options look like. */
const AMOUNTS: Record<string, string> = {
  rollout: "Write the sizes of the batches, such as: 1 25% 100%",
  "max-fail": "Write a number of hosts or a percentage of all.",
};

/** Runs a command in the POSIX shell of the host. */
export const DEFAULT_SHELL = "sh -c";

const linesOf = (value: string | undefined) => lines(value ?? "");
const wordsOf = (value: string | undefined) => words(value ?? "");

/**
 * Reads the options of part `name` from their raw text. Relative paths on this
 * machine start at `directory`, the buildout folder.
 * Throws `invalid-option` where a value cannot be meant. Over 80 lines: one for each option.
 */
export function hostOptions(
  name: string,
  raw: ReadonlyMap<string, string>,
  directory: string,
): HostOptions {
  const all = new Map([...raw].map(([option, value]) => [canonicalName(option), value]));
  const text = (option: string) => all.get(option)?.trim() || undefined;
  const localPath = (option: string) => {
    const value = text(option);
    return value === undefined || value.startsWith("~") ? value : resolve(directory, value);
  };
  const invalid = (option: string, message: string, hint?: string) =>
    new InvalidOption(name, option, message, hint);
  const flag = (option: string) => {
    const value = text(option) ?? "false";
    if (value !== "true" && value !== "false") {
      throw invalid(option, `'${value}' is neither 'true' nor 'false'.`, "Write true or false.");
    }
    return value === "true";
  };

  const count = (option: string, otherwise: number) => {
    const value = text(option);
    if (value === undefined) return otherwise;
    if (!/^[1-9]\d{0,5}$/.test(value)) {
      throw invalid(option, `'${value}' is not a number from 1.`, "Write a whole number.");
    }
    return Number(value);
  };
  const remote = (option: string) => {
    const value = text(option);
    if (value === undefined || /^[/~]/.test(value)) return value;
    throw invalid(option, `'${value}' is not absolute.`, "Give the whole path on the host.");
  };
  const account = (option: string) => {
    const value = text(option);
    if (value !== undefined && !/^[A-Za-z_][\w.-]{0,31}$/.test(value)) {
      throw invalid(option, `'${value}' cannot be the name of a user or group.`);
    }
    return value;
  };
  const oneOf = <T extends string>(option: string, values: readonly [T, ...T[]]): T => {
    const value = text(option) ?? values[0];
    const found = values.find((one) => one === value);
    if (found !== undefined) return found;
    throw invalid(option, `'${value}' is none of ${values.join(", ")}.`, didYouMean(value, values));
  };
  const amounts = <T extends object>(option: string, readAmounts: (text: string) => T | string) => {
    const value = text(option);
    const read = value === undefined ? undefined : readAmounts(value);
    if (typeof read !== "string") return read;
    throw invalid(option, read, AMOUNTS[option]);
  };
  const wrongName = partNameProblem(name);
  if (wrongName) throw new BuildoutError("invalid-option", wrongName.message, wrongName);
  const pythonVersion = text("python-version");
  if (pythonVersion !== undefined && !/^\d+(\.\d+){0,2}([abc]|rc)?\d*$/.test(pythonVersion)) {
    throw invalid(
      "python-version",
      `'${pythonVersion}' is not a version.`,
      "Give it as 3.11 or 3.11.2.",
    );
  }

  const { host, port } = splitHost(text("host") ?? "", (message) => invalid("host", message));
  const path = remote("path") ?? `/var/buildout/${name}`;
  if (/[\p{Cc}\\%]/u.test(path)) {
    throw invalid(
      "path",
      `${repr(path)} holds a line break, another control character, a backslash or a percent sign.`,
      "Choose a path without: shells and configuration files on the host give these a meaning.",
    );
  }
  const clean = path.replace(/(?<=.)\/+$/, "");
  if (/^\/*$/.test(clean) || clean === "~" || clean.split("/").includes("..")) {
    throw invalid(
      "path",
      `'${path}' cannot be a buildout directory.`,
      "Name a directory for this buildout alone.",
    );
  }
  const shared = [...new Set(wordsOf(all.get("shared")))].filter((one) => one !== "var");
  for (const one of shared) {
    if (isShareable(one)) continue;
    throw invalid(
      "shared",
      `'${one}' cannot be shared by releases.`,
      "Name files and directories of 'path' that are not made by a buildout or a deployment.",
    );
  }
  return {
    name,
    roles: [...new Set(wordsOf(all.get("roles")))],
    host,
    port,
    user: text("user"),
    password: all.get("password") || undefined,
    passwordFile: localPath("password-file"),
    identityFile: localPath("identity-file"),
    acceptNew: flag("accept-new"),
    legacyAlgorithms: flag("legacy-algorithms"),
    sshConfig: localPath("ssh-config"),
    knownHosts: localPath("known-hosts"),
    buildoutUser: account("buildout-user"),
    buildoutPassword: all.get("buildout-password") || undefined,
    buildoutPasswordFile: localPath("buildout-password-file"),
    effectiveUser: account("effective-user"),
    buildoutGroup: account("buildout-group") ?? "buildout",
    ownKeyFile: resolve(directory, `${(text("hostname") ?? name).replaceAll("/", "_")}_key`),
    hostos: text("hostos")?.toLowerCase(),
    engine: oneOf("engine", ["node", "python"]),
    pythonVersion,
    pythonPath: remote("python-path"),
    forcePythonCompile: flag("force-python-compile"),
    buildout: all.has("buildout") ? wordsOf(all.get("buildout")) : ["buildout.cfg"],
    path: clean,
    buildoutCache: remote("buildout-cache")?.replace(/(?<=.)\/+$/, ""),
    parts: wordsOf(all.get("parts")),
    sudoParts: wordsOf(all.get("sudo-parts")),
    include: linesOf(all.get("include")),
    plugins: linesOf(all.get("plugins")).map((line) => {
      const [, plugin = "", fabfile = "-"] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name: plugin, fabfile: fabfile === "-" ? undefined : fabfile };
    }),
    pluginPath: linesOf(all.get("plugin-path")),
    pythonExecutable: text("python-executable"),
    fabfiles: wordsOf(all.get("fabfiles")),
    preCommands: linesOf(all.get("pre-commands")),
    postCommands: linesOf(all.get("post-commands")),
    strictCommands: flag("strict-commands"),
    dataVersion: text("data-version"),
    health: healthCheck(text, count, invalid),
    rollbackOnFailure: oneOf("rollback-on-failure", ROLLBACK_SCOPES),
    logFiles: globsBelow("log-files", text, invalid) ?? ["var/log/*.log"],
    noSudo: flag("no-sudo"),
    keepReleases: count("keep-releases", 5),
    ...{ atomic: flag("atomic"), shared },
    rollout: amounts("rollout", readRollout),
    maxFail: amounts("max-fail", readMaxFail),
    keepDrift: false,
    tunnel: flag("tunnel"),
    tunnelAllow: wordsOf(all.get("tunnel-allow")).map((word) => {
      const rule = tunnelRule(word);
      if (rule !== undefined) return rule;
      throw invalid(
        "tunnel-allow",
        `'${word}' is not a host, address or network.`,
        "Write NAME, ADDRESS or ADDRESS/PREFIX, each with or without :PORT.",
      );
    }),
    shell: text("shell") ?? DEFAULT_SHELL,
    versionsFile: text("versionsfile") ?? "hostoutversions.cfg",
    all,
  };
}

/** Whether a name below the path can be a link in each release. */
function isShareable(name: string): boolean {
  const parts = name.split("/");
  if (/[\p{Cc}\\%]/u.test(name) || parts.some((part) => ["", ".", ".."].includes(part)))
    return false;
  return ![".hostout", "releases", "current", "bin", "parts", "var"].includes(parts[0]!);
}

/** `host`, `host:port`, `[v6]:port` or a bare IPv6 address. */
function splitHost(
  value: string,
  invalid: (message: string) => BuildoutError,
): { host: string; port: number | undefined } {
  // More than one colon outside brackets: an IPv6 address without a port.
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::([^:]*))?$/.exec(value);
  if (match === null) return { host: value, port: undefined };
  const host = match[1] ?? match[2] ?? "";
  if (match[3] === undefined) return { host, port: undefined };
  const port = Number(match[3]);
  if (!/^\d+$/.test(match[3]) || port < 1 || port > 65535) {
    throw invalid(`'${match[3]}' is not a port (1 to 65535).`);
  }
  return { host, port };
}
