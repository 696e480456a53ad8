/**
 * Every event with its meaning and the form of its fields, checked against the types. `npm run docs`
 * generates docs/events.md and docs/events.schema.json from it. Not loaded by runs. Over 300 lines: one
 * entry per event.
 */
import type { HostoutEvent } from "./deployment.ts";
import type { EngineEvent } from "./engine.ts";
import { PLAN_FORMS } from "./plan-forms.ts";

const FILE_STATE = {
  type: "object",
  properties: {
    kind: { enum: ["file", "link", "directory"] },
    mode: { type: "string" },
    bytes: { type: "integer" },
    text: { type: "string" },
  },
  required: ["kind", "mode", "bytes"],
} as const;

const HEALTH_ANSWER = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    status: { type: "integer" },
    exit: { type: "integer" },
    late: { const: true },
    lines: { type: "array", items: { type: "string" } },
  },
  required: ["ok", "lines"],
} as const;

/** The forms of fields, as JSON Schema. */
export const FORMS = {
  string: { type: "string" },
  strings: { type: "array", items: { type: "string" } },
  integer: { type: "integer" },
  boolean: { type: "boolean" },
  any: {},
  kind: { enum: ["python", "node"] },
  level: { enum: ["debug", "info", "warning", "error"] },
  reason: { enum: ["changed", "unwanted"] },
  stream: { enum: ["out", "err"] },
  outcome: { enum: ["done", "failed", "rolled-back", "not-reached", "interrupted"] },
  versions: {
    type: "array",
    items: {
      type: "object",
      properties: {
        option: { type: "string" },
        version: { type: "string" },
        requiredBy: { type: "array", items: { type: "string" } },
      },
      required: ["option", "version", "requiredBy"],
    },
  },
  sections: {
    type: "array",
    items: {
      type: "object",
      properties: {
        name: { type: "string" },
        options: { type: "object", additionalProperties: { type: "string" } },
      },
      required: ["name", "options"],
    },
  },
  parts: {
    type: "array",
    items: {
      type: "object",
      properties: {
        action: { enum: ["install", "reinstall", "update", "uninstall"] },
        part: { type: "string" },
        recipe: { type: "string" },
        changes: {
          type: "array",
          items: {
            type: "object",
            properties: {
              option: { type: "string" },
              before: { type: "string" },
              now: { type: "string" },
            },
            required: ["option"],
          },
        },
        missing: { type: "array", items: { type: "string" } },
        recipeChanged: { type: "boolean" },
        unknown: { type: "string" },
      },
      required: ["action", "part", "recipe"],
    },
  },
  rows: { type: "array", items: { type: "array", items: { type: "string" } } },
  detail: { enum: ["no", "stat", "full"] },
  differences: {
    type: "array",
    items: {
      type: "object",
      properties: { path: { type: "string" }, before: FILE_STATE, after: FILE_STATE },
      required: ["path"],
    },
  },
  answer: HEALTH_ANSWER,
  asked: {
    type: "object",
    properties: { check: { type: "string" }, answer: HEALTH_ANSWER },
    required: ["check", "answer"],
  },
  attempt: {
    type: "object",
    properties: {
      number: { type: "integer" },
      id: { type: "string" },
      start: { type: "string" },
      who: { type: "string" },
      commit: { type: "string" },
      dirty: { type: "boolean" },
      result: { enum: ["ok", "failed", "bad"] },
      reason: { type: "string" },
    },
    required: ["number", "id"],
  },
  drift: {
    type: "array",
    items: {
      type: "object",
      properties: {
        what: { enum: ["changed", "missing", "mode", "kind"] },
        path: { type: "string" },
      },
      required: ["what", "path"],
    },
  },
  disk: {
    type: "object",
    properties: { free: { type: "integer" }, total: { type: "integer" } },
    required: ["free", "total"],
  },
  kept: {
    type: "object",
    properties: { releases: { type: "integer" }, bytes: { type: "integer" } },
    required: ["releases"],
  },
  supervisor: {
    type: "object",
    properties: {
      status: { type: "integer" },
      lines: { type: "array", items: { type: "string" } },
    },
    required: ["status", "lines"],
  },
  answers: { type: "array", items: HEALTH_ANSWER },
  logs: {
    type: "array",
    items: {
      type: "object",
      properties: { path: { type: "string" }, lines: { type: "array", items: { type: "string" } } },
      required: ["path", "lines"],
    },
  },
  links: {
    type: "object",
    properties: {
      added: { type: "array", items: { type: "string" } },
      removed: { type: "array", items: { type: "string" } },
      asked: { type: "array", items: { type: "string" } },
    },
    required: ["added", "removed", "asked"],
  },
  ...PLAN_FORMS,
} as const;

/** The forms of fields that are objects, or lists of them. */
type Structure = Exclude<
  Form,
  | "string"
  | "strings"
  | "integer"
  | "boolean"
  | "any"
  | "kind"
  | "level"
  | "reason"
  | "stream"
  | "outcome"
  | "detail"
>;

export type Form = keyof typeof FORMS;

type FormOf<T> = unknown extends T
  ? "any"
  : T extends string
    ? "string" | "kind" | "level" | "reason" | "stream" | "outcome" | "detail"
    : T extends number
      ? "integer"
      : T extends boolean
        ? "boolean"
        : T extends readonly string[]
          ? "strings"
          : Structure;

/** The form of each field of an event; a trailing `?` means that the field is optional. */
type Fields<E> = {
  [K in Exclude<keyof E, "type" | "host">]-?: undefined extends E[K]
    ? unknown extends E[K]
      ? "any"
      : `${FormOf<NonNullable<E[K]>>}?`
    : FormOf<E[K]>;
};

type Table<Event extends { type: string }> = {
  [T in Event["type"]]: { about: string; fields: Fields<Extract<Event, { type: T }>> };
};

const ERROR_FIELDS = {
  code: "string",
  message: "string",
  file: "string?",
  line: "integer?",
  hint: "string?",
  while: "strings?",
  output: "string?",
} as const;

export const ENGINE_EVENTS: Table<EngineEvent> = {
  notice: { about: "A notice of a configuration file.", fields: { message: "string" } },
  configured: {
    about:
      "The configuration is read; `[buildout]` says where the buildout is and how much is logged.",
    fields: { directory: "string", logLevel: "integer", logFormat: "string" },
  },
  configuration: {
    about: "All options of all parts, except secrets; only with `-vv`.",
    fields: { sections: "sections" },
  },
  warning: {
    about: "A possible mistake, with its location if known.",
    fields: { code: "string", message: "string", file: "string?", line: "integer?" },
  },
  "socket-timeout": {
    about: "`socket-timeout` is set; without `seconds` its value is not a number.",
    fields: { value: "string", seconds: "integer?" },
  },
  "unused-options": {
    about: "Nothing has read these options of a section.",
    fields: { section: "string", options: "strings" },
  },
  "directory-creating": { about: "A directory is created.", fields: { path: "string" } },
  "file-creating": { about: "A configuration file is created.", fields: { path: "string" } },
  "script-generated": { about: "`bin/buildout` was written.", fields: { path: "string" } },
  "buildout-running": {
    about: "Another buildout runs in the directory; this one waits for it to end.",
    fields: { directory: "string", pid: "integer?", since: "string?" },
  },
  waiting: {
    about: "Another buildout installs into the same directory.",
    fields: { directory: "string", pid: "integer?" },
  },
  develop: { about: "A develop package is being prepared.", fields: { path: "string" } },
  "develop-missing": { about: "A path in `develop` does not exist.", fields: { path: "string" } },
  developed: {
    about: "A develop package is ready.",
    fields: { kind: "kind", name: "string", version: "string", directory: "string" },
  },
  "part-changed": {
    about:
      "An option that causes a part to be reinstalled; only with `-vv`. Without `before`, it is new; without `now`, it was removed.",
    fields: { part: "string", option: "string", before: "string?", now: "string?" },
  },
  "part-uninstalling": {
    about: "A part is about to be removed, because it has changed or is no longer wanted.",
    fields: { part: "string", reason: "reason" },
  },
  "part-recipe-gone": {
    about: "The recipe of a part that is removed is no longer available.",
    fields: { part: "string", recipe: "string", message: "string" },
  },
  "part-uninstall-recipe": {
    about: "The recipe of a part runs its uninstall code.",
    fields: { part: "string" },
  },
  "part-uninstalled": { about: "A part is removed.", fields: { part: "string" } },
  "part-installing": {
    about: "A part is being installed.",
    fields: { part: "string", recipe: "string" },
  },
  "part-without-paths": {
    about: "The recipe of a part returned nothing instead of its paths.",
    fields: { part: "string" },
  },
  "part-installed": {
    about: "A part is installed, with the paths that it owns.",
    fields: { part: "string", paths: "strings" },
  },
  "part-updating": {
    about: "A part has not changed and is being updated.",
    fields: { part: "string", recipe: "string" },
  },
  "part-without-update": {
    about: "The recipe of a part has no `update`: it is installed again.",
    fields: { part: "string" },
  },
  "part-updated": {
    about: "A part is updated and owns these paths in addition.",
    fields: { part: "string", paths: "strings" },
  },
  "part-kept": {
    about: "A part is unchanged: its update added no paths, or the run was for other parts.",
    fields: { part: "string" },
  },
  "part-not-cleaned": {
    about: "A path of a failed part could not be removed, because it does not exist.",
    fields: { part: "string", path: "string" },
  },
  "pip-preparing": {
    about: "A separate pip is created for an interpreter.",
    fields: { executable: "string" },
  },
  "distribution-getting": {
    about: "A distribution is being resolved or built.",
    fields: { kind: "kind", requirement: "string" },
  },
  "distribution-got": {
    about: "A distribution is installed; `picked`: its version was not pinned.",
    fields: { kind: "kind", name: "string", version: "string", picked: "boolean" },
  },
  "distribution-built": {
    about: "A distribution is built from source with its own settings.",
    fields: { kind: "kind", name: "string", version: "string", path: "string" },
  },
  downloaded: {
    about: "A file was downloaded for a part.",
    fields: { url: "string", path: "string", bytes: "integer" },
  },
  "versions-picked": {
    about:
      "The versions that were picked without a pin, with `show-picked-versions` or `update-versions-file`.",
    fields: { versions: "versions" },
  },
  "versions-written": {
    about: "The picked versions were added to a file.",
    fields: { path: "string" },
  },
  "setup-running": { about: "A setup script is run.", fields: { script: "string" } },
  output: {
    about: "A line of output from a program that the engine runs; at log level DEBUG (`-v`).",
    fields: { program: "string", line: "string" },
  },
  log: {
    about: "A line of the log, from a part or from the engine; at the log level or above.",
    fields: { level: "level", part: "string?", message: "string" },
  },
  print: { about: "Output of an extension.", fields: { text: "string" } },
  plan: {
    about:
      "What a run would do with each part, in order, and with the links of develop packages; " +
      "only with `install --plan`. `changes`, `missing` and `recipeChanged` say why a part is " +
      "reinstalled, `unknown` why its options cannot be known before the run; `asked` are develop " +
      "packages whose setup.py would have to run first.",
    fields: { parts: "parts", develop: "links" },
  },
  error: {
    about: "The error that ended the run: see docs/errors.md for `code`.",
    fields: ERROR_FIELDS,
  },
  done: { about: "The last line.", fields: { ok: "boolean" } },
};

export const DEPLOYMENT_EVENTS: Table<HostoutEvent> = {
  command: {
    about: "A command starts; `source` is the fabfile or plugin that defines it.",
    fields: { name: "string", source: "string" },
  },
  login: { about: "A connection is open.", fields: { user: "string", address: "string" } },
  run: { about: "A command runs on the host.", fields: { command: "string", sudo: "boolean" } },
  local: { about: "A command runs on this machine.", fields: { command: "string" } },
  output: {
    about:
      "A line of a command; `local`: of one on this machine. Where it is not UTF-8, `line` has U+FFFD for " +
      "what is not, and `base64` has its bytes.",
    fields: { stream: "stream", line: "string", base64: "string?", local: "boolean?" },
  },
  note: { about: "A step of a command.", fields: { text: "string" } },
  warning: { about: "A possible mistake.", fields: { text: "string" } },
  step: {
    about: "A step of a deployment starts, one of those listed in its plan.",
    fields: { step: "step" },
  },
  plan: {
    about:
      "What a deployment would do: nothing was changed. `current` is what the host has, if anything was " +
      "deployed there; `steps` are those of the deployment, in its order; `changes` says whether they do " +
      "more than the last one would do again. `overrides` are commands that a fabfile or a plugin has " +
      "put its own in front of, `basis` hashes of what the plan was made from.",
    fields: {
      address: "string",
      path: "string",
      current: "release?",
      release: "release",
      steps: "steps",
      bootstrap: "strings",
      packages: "packages",
      versions: "pins",
      files: "files",
      parts: "parts",
      overrides: "overrides",
      notes: "strings",
      bytes: "integer",
      sudo: "boolean",
      basis: "basis",
      changes: "boolean",
    },
  },
  transfer: {
    about:
      "Bytes of an upload or download so far; `sent` are those that have traveled, where these are others.",
    fields: { name: "string", bytes: "integer", total: "integer", sent: "integer?" },
  },
  result: { about: "A command returned a value.", fields: { name: "string", value: "any" } },
  table: {
    about: "A list that a command was asked for; `result` has the same as data.",
    fields: { head: "strings", rows: "rows" },
  },
  diff: {
    about:
      "What differs between release `from` and release `to`, or what a deployment would bring. Files " +
      "that are large or no text have no `text`; that of a link is its target.",
    fields: { from: "integer?", to: "integer?", differences: "differences", detail: "detail" },
  },
  status: {
    about:
      "How a host is, for the command `status`: its release, who has its lock, files that others have changed, " +
      "one answer to the health check, its disk, and what supervisorctl prints. `problems` name what is wrong; " +
      "`ok` is true where there is none.",
    fields: {
      ok: "boolean",
      problems: "strings",
      release: "attempt?",
      locks: "strings",
      drift: "drift",
      health: "asked?",
      disk: "disk?",
      kept: "kept",
      supervisor: "supervisor?",
    },
  },
  "health-try": {
    about:
      "The host was asked whether it is healthy: the answer, and how many in a row were good of those that " +
      "are needed. An answer has the `status` of HTTP, or the `exit` status of a command, or is `late`; " +
      "without any of these there was none, and `lines` tell why.",
    fields: { passes: "integer", wanted: "integer", answer: "answer" },
  },
  health: {
    about:
      "How that ended: what was asked, the last answers, and if the host is not healthy the last lines of " +
      "`health-logs`.",
    fields: {
      healthy: "boolean",
      check: "string",
      passes: "integer",
      wanted: "integer",
      seconds: "integer",
      answers: "answers",
      logs: "logs",
    },
  },
  deployed: {
    about:
      "`deploy` or `rollback` has brought the host to a release. `seconds`, `bytes` of content that " +
      "were sent, and `warnings` are those of the call so far. A deployment that brought a new release has " +
      "`before`, the number of the one before it.",
    fields: {
      number: "integer",
      id: "string",
      before: "integer?",
      seconds: "integer",
      bytes: "integer",
      warnings: "integer",
    },
  },
  closed: {
    about: "The last of a host: how many requests waited for its answer.",
    fields: { roundTrips: "integer" },
  },
  error: {
    about: "Why a host, or without `host` the run, failed: see docs/errors.md for `code`.",
    fields: ERROR_FIELDS,
  },
  finished: {
    about:
      "The outcome for a host, and how many seconds it took. `rolled-back`: it failed, and has its earlier " +
      "release again; `not-reached`: it was not started, because others failed or the run was interrupted.",
    fields: { outcome: "outcome", seconds: "integer?" },
  },
  done: {
    about:
      "The last line, with the hosts that failed and those that were not reached; `again` runs the same " +
      "on all of these, where there were several hosts.",
    fields: { ok: "boolean", failed: "strings", notReached: "strings", again: "string?" },
  },
};
