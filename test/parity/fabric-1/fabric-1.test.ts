import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../../support/deploy-project.ts";
import {
  allowSudo,
  startSshdServer,
  type TestServer,
  usersMissing,
} from "../../support/servers.ts";

/** The location of Fabric 1.14 for Python 3; without it, ours is compared with recorded results. */
const FABRIC = process.env.PARITY_FABRIC1;
/** An interpreter with paramiko and six, which Fabric 1 needs. */
const PYTHON = process.env.PARITY_FABRIC1_PYTHON ?? "/usr/bin/python3";
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const RECORD = beside("expected.json");
const scenarios = readFileSync(beside("scenarios.py"), "utf8");
const NAMES = [...scenarios.matchAll(/^@scenario\ndef (\w+)/gm)].map(([, name]) => name!);

type Results = Record<string, unknown>;

/** Scenarios with intended differences: name -> our result. docs/differences.md has the reasons. */
const DIFFERENT: Results = JSON.parse(readFileSync(beside("differences.json"), "utf8"));

const ORACLE = `
import json, sys
sys.path[:0] = [".", sys.argv[1]]
from fabric.api import env
from fabric.network import disconnect_all
from scenarios import run_all
facts = json.loads(sys.argv[2])
env.update(user=facts["user"], key_filename=facts["key"], no_keys=True, no_agent=True, hosts=[facts["host"]],
           host_string="%s:%s" % (facts["host"], facts["port"]), host=facts["host"], port=str(facts["port"]))
json.dump(run_all(json.loads(sys.argv[3])), open(sys.argv[4], "w"))
disconnect_all()
`;
const SSH = `#!/bin/sh
exec /usr/bin/ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$@"
`;
const FABFILE = `
import json
from scenarios import run_all

def compare(names, out):
    json.dump(run_all(json.loads(names)), open(out, "w"))
`;

describe.skipIf(usersMissing)(`Fabric 1 and ours, on one sshd ${usersMissing ?? ""}`, () => {
  let server: TestServer;
  let theirs: Results;
  let ours: Results;

  beforeAll(async () => {
    server = await startSshdServer();
    await allowSudo(server, "ALL=(ALL:ALL) NOPASSWD: ALL");
    ours = await inProject(server, async (project, out) => {
      await project.buildout();
      const { status, stderr } = await project.hostout(
        ...["host1", "compare", JSON.stringify(NAMES), out],
      );
      expect(status, stderr).toBe(0);
    });
    if (FABRIC === undefined) {
      theirs = JSON.parse(readFileSync(RECORD, "utf8")) as Results;
      return;
    }
    theirs = await inProject(server, async (project, out) => {
      const { host, port, user, key } = server;
      // The program started by rsync_project, which would ask about the host's key.
      writeFileSync(join(project.scratch, "ssh"), SSH, { mode: 0o755 });
      const path = `${project.scratch}:${process.env.PATH}`;
      const words = [FABRIC, JSON.stringify({ host, port, user, key }), JSON.stringify(NAMES)];
      const { status, stderr } = spawnSync(PYTHON, ["-W", "ignore", "oracle.py", ...words, out], {
        cwd: project.directory,
        env: { PATH: path, HOME: project.scratch, USER: "tester" },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
      expect(status, stderr).toBe(0);
    });
    if (process.env.PARITY_RECORD) {
      writeFileSync(RECORD, JSON.stringify(theirs));
      execFileSync("npx", ["biome", "format", "--write", RECORD]);
    }
  });

  afterAll(async () => {
    await server?.close();
  });

  test.each(NAMES)("%s", (name) => {
    expect(theirs).toHaveProperty(name);
    expect(ours[name]).toEqual(DIFFERENT[name] ?? theirs[name]);
    if (name in DIFFERENT) expect(theirs[name]).not.toEqual(DIFFERENT[name]);
  });
});

/** The output of `compare`, with words for everything that differs from run to run. */
async function inProject(
  server: TestServer,
  compare: (project: TestProject, out: string) => Promise<void>,
): Promise<Results> {
  const { home, user, port } = server;
  // Each begins with nothing on the host.
  for (const name of execFileSync("ls", ["-A", home], { encoding: "utf8" }).split("\n")) {
    if (name !== "" && name !== ".ssh") rmSync(join(home, name), { recursive: true, force: true });
  }
  const project = new TestProject({
    "scenarios.py": scenarios,
    "fabfile.py": FABFILE,
    "oracle.py": ORACLE,
    "prod.cfg": "[buildout]\nparts =\n",
  });
  project.writeHost(server, { fabfiles: "fabfile.py", "no-sudo": "" });
  const out = join(project.scratch, "out.json");
  try {
    await compare(project, out);
    const text = readFileSync(out, "utf8");
    return JSON.parse(
      text
        .replaceAll(project.directory, "HERE")
        .replaceAll(home, "HOME")
        .replaceAll(user, "USER")
        .replaceAll(String(port), "PORT"),
    ) as Results;
  } finally {
    project.remove();
  }
}
