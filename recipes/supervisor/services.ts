import type { Section } from "../../src/index.ts";
import { words } from "../../src/index.ts";
import { type Grammar, linesOf, parseLines } from "./lines.ts";

// Like the original's patterns, these are not anchored at the end: trailing text is ignored.

const PROGRAMS: Grammar = {
  option: "programs",
  pattern:
    /^(?<priority>\d+)\s+(?<name>\S+)(?:\s+\((?<settings>[^)]+)\))?\s+(?<command>\S+)(?:\s+\[(?<args>(?!true|false)[^\]]+)\])?(?:\s+(?<directory>(?!true|false)\S+))?(?:\s+(?<redirect>true|false))?(?:\s+(?<user>\S+))?/,
  complaint: "Program line incorrect",
  form: "PRIORITY NAME [(key=value ...)] COMMAND [[ARGUMENTS]] [DIRECTORY] [true|false] [USER]",
};

const EVENT_LISTENERS: Grammar = {
  option: "eventlisteners",
  pattern:
    /^(?<name>\S+)(?:\s+\((?<settings>[^)]+)\))?\s+(?<events>\S+)\s+(?<command>\S+)(?:\s+\[(?<args>[^\]]+)\])?/,
  complaint: "Event Listeners line incorrect",
  form: "NAME [(key=value ...)] EVENT[,EVENT...] COMMAND [[ARGUMENTS]]",
};

const GROUPS: Grammar = {
  option: "groups",
  pattern: /^(?<priority>\d+)\s+(?<name>\S+)\s+(?<programs>\S+)/,
  complaint: "Group line incorrect",
  form: "PRIORITY NAME PROGRAM[,PROGRAM...]",
};

/** `key=value` words as lines of the configuration; other words are ignored. */
function settingLines(settings: string | undefined): string[] {
  return words(settings ?? "").flatMap((word) => {
    const [, key, value] = /^([^=]+)=(.+)$/s.exec(word) ?? [];
    return key === undefined ? [] : [`${key} = ${value}`];
  });
}

/** `os.path.dirname` of Python: `""` where there is no slash. */
function folderOf(command: string): string {
  const head = command.slice(0, command.lastIndexOf("/") + 1);
  return head.replace(/\/+$/, "") || head;
}

function programText(line: Record<string, string | undefined>): string {
  const { name, command = "", args = "", priority, redirect = "false", user } = line;
  const extras = [
    ...(user === undefined ? [] : [`user = ${user}`]),
    ...settingLines(line.settings),
  ];
  return `[program:${name}]
command = ${command} ${args}
process_name = ${name}
directory = ${line.directory ?? folderOf(command)}
priority = ${priority}
redirect_stderr = ${redirect}
${extras.join("\n")}
`;
}

/** How an event listener reaches the supervisor. */
export interface Access {
  user: string;
  password: string;
  serverUrl: string;
}

function accessEnvironment({ user, password, serverUrl }: Access): string {
  return `environment=SUPERVISOR_USERNAME='${user}',SUPERVISOR_PASSWORD='${password}',SUPERVISOR_SERVER_URL='${serverUrl}'`;
}

function listenerText(line: Record<string, string | undefined>, access: Access): string {
  // Without arguments, the original writes Python's None, and so do we.
  const { name, command, args = "None", events } = line;
  return `
[eventlistener:${name}]
command = ${command} ${args}
events = ${events}
process_name=${name}
${accessEnvironment(access)}
${settingLines(line.settings).join("\n")}
`;
}

/** The sections for programs, event listeners, groups and included files. Throws `invalid-line`. */
export function servicesText(section: Section, access: Access): string {
  const included = linesOf(section, "include");
  return [
    ...parseLines(section, PROGRAMS).map(programText),
    ...parseLines(section, EVENT_LISTENERS).map((line) => listenerText(line, access)),
    ...parseLines(section, GROUPS).map(
      ({ name, programs, priority }) =>
        `\n[group:${name}]\nprograms = ${programs}\npriority = ${priority}\n`,
    ),
    included.length === 0 ? "" : `\n[include]\nfiles = ${included.join(" ")}\n`,
  ].join("");
}
