import { resolve } from "node:path";
import { BuildoutError } from "../error/index.ts";

/** The options of one hostout part, defaults applied. Paths on the host are POSIX paths. */
export interface HostOptions {
  /** The part's name, which the command line calls the host. */
  name: string;
  host: string;
  port: number | undefined;
  /** Login user with sudo rights; undefined: what ~/.ssh/config or the system says. */
  user: string | undefined;
  password: string | undefined;
  passwordFile: string | undefined;
  identityFile: string | undefined;
  acceptNew: boolean;
  sshConfig: string | undefined;
  knownHosts: string | undefined;
  buildoutUser: string | undefined;
  /** Configuration files to build on the host. */
  buildout: string[];
  path: string;
  buildoutCache: string | undefined;
  parts: string[];
  sudoParts: string[];
  include: string[];
  /** Files whose functions are commands of this host. */
  fabfiles: string[];
  preCommands: string[];
  postCommands: string[];
  noSudo: boolean;
  shell: string;
  versionsFile: string;
  /** Every option of the part as written, for commands that look for their own. */
  all: ReadonlyMap<string, string>;
}

/** Names that earlier versions of the tool used for the same option. */
const OLD_NAMES: Record<string, string> = {
  start_cmd: "post-commands",
  stop_cmd: "pre-commands",
  extra_config: "include",
  remote_path: "path",
  identity_file: "identity-file",
};

export function canonicalName(option: string): string {
  return Object.hasOwn(OLD_NAMES, option) ? OLD_NAMES[option]! : option;
}

const lines = (value: string | undefined) =>
  (value ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const words = (value: string | undefined) => (value ?? "").split(/\s+/).filter((w) => w !== "");

/**
 * Reads the options of part `name` from their raw text. Relative paths on this
 * machine start at `directory`, the buildout folder.
 * Throws `invalid-option` where a value cannot be meant.
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
    new BuildoutError("invalid-option", `${name}:${option}: ${message}`, hint ? { hint } : {});
  const flag = (option: string) => {
    const value = text(option) ?? "false";
    if (value !== "true" && value !== "false") {
      throw invalid(option, `'${value}' is neither 'true' nor 'false'.`);
    }
    return value === "true";
  };

  const { host, port } = splitHost(text("host") ?? "", (message) => invalid("host", message));
  const path = text("path") ?? `/var/buildout/${name}`;
  if (!path.startsWith("/") && !path.startsWith("~")) {
    throw invalid("path", `'${path}' is not absolute.`, "Give the whole path on the host.");
  }
  const clean = path.replace(/(?<=.)\/+$/, "");
  if (/^\/*$/.test(clean) || clean === "~" || clean.split("/").includes("..")) {
    throw invalid(
      "path",
      `'${path}' cannot be a buildout folder.`,
      "Name a folder for this buildout alone.",
    );
  }
  return {
    name,
    host,
    port,
    user: text("user"),
    password: all.get("password") || undefined,
    passwordFile: localPath("password-file"),
    identityFile: localPath("identity-file"),
    acceptNew: flag("accept-new"),
    sshConfig: localPath("ssh-config"),
    knownHosts: localPath("known-hosts"),
    buildoutUser: text("buildout-user"),
    buildout: all.has("buildout") ? words(all.get("buildout")) : ["buildout.cfg"],
    path: clean,
    buildoutCache: text("buildout-cache")?.replace(/(?<=.)\/+$/, ""),
    parts: words(all.get("parts")),
    sudoParts: words(all.get("sudo-parts")),
    include: lines(all.get("include")),
    fabfiles: words(all.get("fabfiles")),
    preCommands: lines(all.get("pre-commands")),
    postCommands: lines(all.get("post-commands")),
    noSudo: flag("no-sudo"),
    shell: text("shell") ?? "sh -c",
    versionsFile: text("versionsfile") ?? "hostoutversions.cfg",
    all,
  };
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
