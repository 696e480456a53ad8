import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";
import { eventsIn } from "../support/events-schema.ts";
import { sshdMissing, startSshdServer, type TestServer } from "../support/servers.ts";

/** In Latin-1, in UTF-8, neither; the last character is cut off. */
const PRINTED = "caf\\351 \\303\\251 \\000\\377\\n\\342\\202";
const SECOND = [0xe2, 0x82];
const FIRST = [...Buffer.from("caf\xe9 ", "latin1"), 0xc3, 0xa9, 0x20, 0x00, 0xff];

const FABFILE = `from fabric.api import run


def classic():
    print(ascii(run("printf 'caf\\\\351'", quiet=True)))
`;

describe.skipIf(sshdMissing)("output that is not UTF-8", () => {
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSshdServer();
    project = new TestProject({ "prod.cfg": "[buildout]\nparts =\n", "fabfile.py": FABFILE });
    project.write({
      "buildout.cfg": `[buildout]\nparts = host1\n[host1]\n${project.hostLines(server, { path: server.home, fabfiles: "fabfile.py" })}`,
    });
    expect(await project.buildout()).toMatchObject({ stderr: "", status: 0 });
    expect((await project.hostout("host1", "run", "true")).status).toBe(0);
  });
  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  /** The bytes that bin/hostout prints. */
  async function printed(...words: string[]): Promise<Buffer> {
    const script = '"$0" bin/hostout "$@" | base64 -w 0';
    const { stdout } = await project.run("sh", ["-c", script, process.execPath, ...words]).outcome;
    return Buffer.from(stdout, "base64");
  }

  test.each([
    ["standard output", "", "out"],
    ["standard error", " >&2", "err"],
  ])("is passed on as it is, on %s", async (_, to, stream) => {
    const bytes = await printed("-q", "host1", "run", `printf '${PRINTED}'${to}`);
    const before = Buffer.from(`[127.0.0.1] ${stream}: `);
    const line = (content: number[]) => [...before, ...content, 0x0a];
    expect([...bytes]).toEqual([...line(FIRST), ...line(SECOND)]);
  });

  test("has its bytes in JSON, in addition to readable text", async () => {
    const { stdout } = await project.hostout("--json", "host1", "run", `printf '${PRINTED}'`);
    const lines = eventsIn(stdout, "hostout").filter(({ type }) => type === "output");
    expect(lines).toMatchObject([
      {
        line: "caf\ufffd \u00e9 \0\ufffd",
        base64: Buffer.from(FIRST).toString("base64"),
      },
      { line: "\ufffd\ufffd", base64: Buffer.from(SECOND).toString("base64") },
    ]);
    expect(stdout).not.toMatch(/\\ud[c-f]/i);
  });

  test("is text with U+FFFD for a fabfile in Python", async () => {
    const { stdout, stderr, status } = await project.hostout("host1", "classic");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("'caf\\ufffd'\n");
  });
});
