import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "../../src/index.ts";
import { TestProject } from "../support/deploy-project.ts";
import { readBlocks, shownInOrder, typeErrors } from "../support/documentation.ts";
import { startSandboxServer, type TestServer } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/fabfiles.md"), "utf8");
const blocks = readBlocks(page);

/** The words of a command line on the page; quoted ones are one word. */
const words = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);

describe("docs/fabfiles.md", () => {
  const fabfile = blocks
    .filter(({ language }) => language === "ts")
    .map(({ text }) => text)
    .join("\n");
  let server: TestServer;
  let project: TestProject;

  beforeAll(async () => {
    server = await startSandboxServer();
    mkdirSync(join(server.home, "app/var"), { recursive: true });
    project = new TestProject({ "fabfile.ts": fabfile });
    for (const { file, text } of blocks) {
      if (file === undefined || file === "fabfile.ts") continue;
      const lines = project.hostLines(server, { recipe: "", buildout: "" });
      project.write({
        [file]: text.replace(/^(host|path) = .*\n/gm, (_, name) => (name === "host" ? lines : "")),
      });
    }
    expect((await project.buildout()).stderr).toBe("");
  });

  afterAll(async () => {
    project?.remove();
    await server?.close();
  });

  test("names everything in `api`, and shows how it is used", () => {
    const names = Object.keys(api);
    expect(names.length).toBeGreaterThan(25);
    const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, text]) => text).join(" ");
    expect(names.filter((name) => !headings.includes(`\`api.${name}\``))).toEqual([]);
    const isUsed = (name: string) => new RegExp(`\\b(api\\.${name}|${name}\\()`).test(fabfile);
    expect(names.filter((name) => !isUsed(name))).toEqual([]);
    const files = Object.keys(api.files);
    expect(files.filter((name) => !page.includes(`\`api.files.${name}(`))).toEqual([]);
    expect(files.filter((name) => !fabfile.includes(`api.files.${name}(`))).toEqual([]);
  });

  test("names nothing that does not exist", () => {
    const named = [...page.matchAll(/\bapi\.(\w+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in api))).toEqual([]);
  });

  test("its fabfile has no type errors", () => {
    writeFileSync(join(project.scratch, "fabfile.ts"), fabfile);
    expect(typeErrors(project.scratch, ["fabfile.ts"])).toBe("");
  });

  const shown = blocks.filter(({ language }) => language === "console");
  const commands = shown.flatMap(({ text }) => {
    return text
      .split(/^\$ /m)
      .slice(1)
      .map((piece) => piece.trimEnd().split("\n"));
  });

  test.each(commands)(
    "$ %s",
    async (command, ...expected) => {
      const [program, ...args] = words(command!);
      expect(program).toBe("bin/hostout");
      const { stdout, stderr, status } = await project.hostout(...args);
      const fails = expected.some((line) => line.startsWith("Error:"));
      expect(status !== 0, stderr).toBe(fails);
      const output = `${stdout}${stderr}`
        .replaceAll(`[${server.host}]`, "[web1.example.com]")
        .replaceAll(/sh -c "cd \S+ && /g, 'sh -c "');
      shownInOrder(output, expected);
    },
    60_000,
  );
});
