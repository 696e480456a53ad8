/** What the value of an option names or is, as far as that can be checked without a host. */
export type OptionKind =
  | "text"
  | "boolean"
  /** Paths of this machine: one, one on each line, or words. */
  | "file"
  | "lines"
  | "words"
  /** The same, but the file may come into being later. */
  | "later"
  /** An absolute path on the host. */
  | "remote"
  /** A whole number from 1. */
  | "number"
  /** One of these. */
  | readonly string[];

/** The options of a hostout part that the deployer reads; docs/hostout.md describes each. */
export const HOST_OPTIONS: Readonly<Record<string, OptionKind>> = {
  "accept-new": "boolean",
  atomic: "boolean",
  buildout: "words",
  "buildout-cache": "remote",
  "buildout-group": "text",
  "buildout-password": "text",
  "buildout-password-file": "file",
  "buildout-user": "text",
  "data-version": "text",
  dist_dir: "text",
  "effective-user": "text",
  engine: ["node", "python"],
  extends: "text",
  fabfiles: "words",
  "force-python-compile": "boolean",
  "health-check": "text",
  "health-interval": "number",
  "health-logs": "text",
  "health-passes": "number",
  "health-timeout": "number",
  host: "text",
  hostname: "text",
  hostos: "text",
  "identity-file": "later",
  include: "lines",
  "keep-releases": "number",
  "known-hosts": "text",
  "legacy-algorithms": "boolean",
  "log-files": "text",
  "max-fail": "text",
  "no-sudo": "boolean",
  parts: "text",
  "password-file": "file",
  password: "text",
  path: "remote",
  "post-commands": "text",
  "pre-commands": "text",
  python: "text",
  "python-path": "remote",
  "python-source": "text",
  "python-version": "text",
  roles: "text",
  "rollback-on-failure": ["host", "batch", "all", "no"],
  rollout: "text",
  shared: "text",
  shell: "text",
  "ssh-config": "file",
  "strict-commands": "boolean",
  "sudo-parts": "text",
  tunnel: "boolean",
  "tunnel-allow": "text",
  user: "text",
  versionsfile: "text",
};

/** Names that earlier versions of the tool used. */
export const OLD_OPTIONS: readonly string[] = [
  "extra_config",
  "identity_file",
  "remote_path",
  "start_cmd",
  "stop_cmd",
  "system-python-use-not",
];

/** Set by the recipe, or read by the engine in every section. */
export const OTHER_OPTIONS: readonly string[] = [
  "recipe",
  "<",
  "<part-dependencies>",
  "plugins",
  "plugin-path",
  "python-executable",
];
