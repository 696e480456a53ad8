/** The options of a hostout part that the deployer reads; docs/hostout.md describes each. */
export const HOST_OPTIONS: readonly string[] = [
  "accept-new",
  "atomic",
  "buildout",
  "buildout-cache",
  "buildout-group",
  "buildout-password",
  "buildout-password-file",
  "buildout-user",
  "data-version",
  "dist_dir",
  "effective-user",
  "engine",
  "extends",
  "fabfiles",
  "force-python-compile",
  "health-check",
  "health-interval",
  "health-logs",
  "health-passes",
  "health-timeout",
  "host",
  "hostname",
  "hostos",
  "identity-file",
  "include",
  "keep-releases",
  "known-hosts",
  "legacy-algorithms",
  "log-files",
  "max-fail",
  "no-sudo",
  "parts",
  "password-file",
  "password",
  "path",
  "post-commands",
  "pre-commands",
  "python",
  "python-path",
  "python-source",
  "python-version",
  "roles",
  "rollback-on-failure",
  "rollout",
  "shared",
  "shell",
  "ssh-config",
  "strict-commands",
  "sudo-parts",
  "tunnel",
  "tunnel-allow",
  "user",
  "versionsfile",
];

/** How an option names local files. */
type FileKind =
  /** One, one on each line, or words. */
  | "file"
  | "lines"
  | "words"
  /** One that may be created later. */
  | "later";

/** The options that do. */
export const FILE_OPTIONS: ReadonlyMap<string, FileKind> = new Map([
  ["buildout", "words"],
  ["buildout-password-file", "file"],
  ["fabfiles", "words"],
  ["identity-file", "later"],
  ["include", "lines"],
  ["password-file", "file"],
  ["ssh-config", "file"],
]);

/** Names from earlier versions. */
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
