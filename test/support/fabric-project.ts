import { expect } from "vitest";
import { TestProject } from "./deploy-project.ts";
import type { Outcome } from "./running.ts";
import type { TestServer } from "./servers.ts";

/** For fabfiles: `show(value)` reports it to the test, `tried(function, ...)` its result or exception. */
const SHOW = `
import json


def show(value):
    print("SHOW " + json.dumps(value))


def tried(function, *args, **kwargs):
    try:
        return str(function(*args, **kwargs))
    except (Exception, SystemExit) as error:
        return "%s: %s" % (type(error).__name__, error)
`;

/** The arguments of `show`. */
export function shown({ stdout }: Pick<Outcome, "stdout">): unknown[] {
  return stdout
    .split("\n")
    .flatMap((line) => (line.startsWith("SHOW ") ? [JSON.parse(line.slice(5))] : []));
}

/** A part with a fabfile: its host, the name of the file, and further options. */
export type FabricPart = readonly [
  server: TestServer,
  fabfile: string,
  options?: Record<string, string>,
];

/** A project with these parts, whose fabfiles may use sudo on the hosts, after its `bin/buildout`. */
export async function fabricProject(
  files: Record<string, string>,
  parts: Readonly<Record<string, FabricPart>>,
): Promise<TestProject> {
  const project = new TestProject({
    ...{ "prod.cfg": "[buildout]\nparts =\n", "show.py": SHOW },
    ...files,
  });
  const sections = Object.entries(parts).map(
    ([name, [server, fabfiles, options]]) =>
      `[${name}]\n${project.hostLines(server, { "no-sudo": "", fabfiles, ...options })}`,
  );
  project.write({
    "buildout.cfg": `[buildout]\nparts = ${Object.keys(parts).join(" ")}\n${sections.join("\n")}`,
  });
  expect((await project.buildout()).stderr).toBe("");
  return project;
}
