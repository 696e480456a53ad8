/** The options of a hostout part. Over 300 lines: each has a field and a line that reads it. */
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
  /** The part's name: the host's name on the command line. */
  name: string;
  /** Roles that it shares with others: `@ROLE` on the command line. */
  roles: string[];
  host: string;
  port: number | undefined;
  /** Login user with sudo rights; undefined: from ~/.ssh/config or the system. */
  user: string | undefined;
  password: string | undefined;
  passwordFile: string | undefined;
  identityFile: string | undefined;
  acceptNew: boolean;
  /** Also offer old algorithms, for hosts without newer ones. */
  legacyAlgorithms: boolean;
  sshConfig: string | undefined;
  knownHosts: string | undefined;
  /** Owns the code and runs the buildout; undefined: the login user does. */
  buildoutUser: string | undefined;
  /** Password of the buildout user, for hosts without key logins. */
  buildoutPassword: string | undefined;
  buildoutPasswordFile: string | undefined;
  /** Owns `var` and runs the application; undefined: the buildout user does. */
  effectiveUser: string | undefined;
  /** The group of buildout user and effective user. */
  buildoutGroup: string;
  /** The key that is created if `identityFile` does not exist: `HOSTNAME_key` in the buildout directory. */
  ownKeyFile: string;
  /** The operating system, for variants of commands; undefined: detect it. */
  hostos: string | undefined;
  /** Which engine runs the buildout on the host. */
  engine: "node" | "python";
  /** `X.Y` or `X.Y.Z`; undefined: this machine's version. */
  pythonVersion: string | undefined;
  /** Where to build it; undefined: next to the eggs. */
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
   * Plugins that the part extends. Fabfiles are absolute paths or names of Python modules; a plugin without
   * one is built in.
   */
  plugins: { name: string; fabfile: string | undefined }[];
  /** Directories to import Python fabfiles of plugins from. */
  pluginPath: string[];
  /** Absolute path of the interpreter for fabfiles; undefined: the buildout's. */
  pythonExecutable: string | undefined;
  /** Files whose functions are commands of this host. */
  fabfiles: string[];
  preCommands: string[];
  postCommands: string[];
  /** If one of these fails, so does the deployment. */
  strictCommands: boolean;
  /** Command on the host that prints the version of the application's data. */
  dataVersion: string | undefined;
  /** The check after a deployment; undefined: none. */
  health: HealthCheck | undefined;
  /** Which hosts are rolled back if one is unhealthy. */
  rollbackOnFailure: RollbackScope;
  /** Globs below the path, for the command `logs`. */
  logFiles: string[];
  noSudo: boolean;
  /** Good releases whose files are kept on the host. */
  keepReleases: number;
  /** Build each release in its own directory, and switch `current` to it. */
  atomic: boolean;
  /** Batches of hosts for commands that change them. */
  rollout: Rollout | undefined;
  /** How many hosts may fail before no more batches start. */
  maxFail: MaxFail | undefined;
  /** What releases share in addition to `var`. */
  shared: string[];
  /** Keep foreign changes in the buildout directory; set by the command line. */
  keepDrift: boolean;
  /** Commands on the host reach the network through this machine. */
  tunnel: boolean;
  /** Allowed targets of the tunnel outside the internet. */
  tunnelAllow: TunnelRule[];
  shell: string;
  versionsFile: string;
  /** Every option of the part as written, for commands with their own options. */
  all: ReadonlyMap<string, string>;
}

/** What is rolled back if a host is unhealthy: the host, its batch, all hosts, or none. */
const ROLLBACK_SCOPES = ["host", "batch", "all", "no"] as const;
export type RollbackScope = (typeof ROLLBACK_SCOPES)[number];

/** Names of the same option in earlier versions. */
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

/** The error for an invalid value of an option. */
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

/** The form of these options. */
const AMOUNTS: Record<string, string> = {
  rollout: "Write the sizes of the batches, such as: 1 25% 100%",
  "max-fail": "Write a number of hosts or a percentage of all.",
};

/** The host's POSIX shell, to run commands with. */
export const DEFAULT_SHELL = "sh -c";

const linesOf = (value: string | undefined) => lines(value ?? "");
const wordsOf = (value: string | undefined) => words(value ?? "");

/**
 * Reads the options of part `name` from their raw text. Relative paths on this machine start at
 * `directory`, the buildout directory. Throws `invalid-option` for an invalid value. Over 80 lines: one per
 * option.
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
      throw invalid(option, `'${value}' is not a number of at least 1.`, "Write a whole number.");
    }
    return Number(value);
  };
  const remote = (option: string) => {
    const value = text(option);
    if (value === undefined || /^[/~]/.test(value)) return value;
    throw invalid(option, `'${value}' is not absolute.`, "Write the full path on the host.");
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
    throw invalid(
      option,
      `'${value}' is not one of ${values.join(", ")}.`,
      didYouMean(value, values),
    );
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
      "Write it as 3.11 or 3.11.2.",
    );
  }

  const { host, port } = splitHost(text("host") ?? "", (message) => invalid("host", message));
  const path = remote("path") ?? `/var/buildout/${name}`;
  if (/[\p{Cc}\\%]/u.test(path)) {
    throw invalid(
      "path",
      `${repr(path)} holds a line break, another control character, a backslash or a percent sign.`,
      "Choose a path without them: they are special in shells and configuration files.",
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
      "Choose files and directories in 'path' that neither buildout nor a deployment creates.",
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
