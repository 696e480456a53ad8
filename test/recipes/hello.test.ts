import { cpSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { execaSync } from "execa";
import { expect, onTestFinished, test } from "vitest";
import node from "../../recipes/node/index.ts";
import template from "../../recipes/template/index.ts";
import { readDevelopPackage } from "../../src/distributions/node/manifest.ts";
import { makePart } from "../support/recipe-part.ts";
import { scratch } from "../support/scratch.ts";

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Builds the example application as its prod.cfg does. */
async function buildHello(): Promise<{ directory: string; url: string }> {
  const directory = scratch();
  cpSync("fixtures/hello", directory, { recursive: true });
  const port = String(await freePort());
  const developPackages = [
    await readDevelopPackage(path.join(directory, "src/hello")),
    await readDevelopPackage(path.join(directory, "src/greeting")),
  ].filter((item) => item !== undefined);
  const sections = { buildout: { directory } };
  for (const [recipe, options] of [
    [node, { eggs: "hello" }],
    [
      template,
      {
        input: "inline:[server]\nhost = 127.0.0.1\nport = ${:port}",
        output: "parts/demo/hello.ini",
        port,
      },
    ],
    [template, { input: "server.sh.in", output: "bin/server", mode: "755" }],
  ] as const) {
    const { part, prepared } = await makePart(recipe as typeof template, {
      options,
      directory,
      sections,
      buildout: { developPackages },
    });
    await recipe.install(part as never, prepared);
  }
  return { directory, url: `http://127.0.0.1:${port}/` };
}

test("the example application is served by bin/server, which starts, restarts and stops it", async () => {
  const { directory, url } = await buildHello();
  const server = (command: string) => {
    const file = path.join(directory, "bin/server");
    return execaSync(file, [command], { cwd: "/", reject: false, all: true });
  };
  onTestFinished(() => void server("stop"));
  const pid = () => Number(readFileSync(path.join(directory, "var/hello.pid"), "utf8"));

  expect(server("status")).toMatchObject({ exitCode: 3, all: "hello is not running." });
  expect(server("start").all).toMatch(/^hello serves http:/);
  expect(await (await fetch(url)).text()).toContain("<p>Powered by hostout!</p>");
  const first = pid();
  expect(server("start").all).toBe(`hello is already running (pid ${first}).`);
  expect(server("restart").exitCode).toBe(0);
  expect(pid()).not.toBe(first);
  expect((await fetch(url)).status).toBe(200);
  expect(server("stop").exitCode).toBe(0);
  expect(server("stop").exitCode).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
  expect(existsSync(path.join(directory, "var/hello.pid"))).toBe(false);
});

test("bin/server reports why the application does not start", async () => {
  const { directory, url } = await buildHello();
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(Number(new URL(url).port), "127.0.0.1", done));
  onTestFinished(() => void taken.close());
  const file = path.join(directory, "bin/server");
  const { exitCode, all } = execaSync(file, ["start"], { reject: false, all: true });
  expect(exitCode).toBe(1);
  expect(all).toContain("EADDRINUSE");
});
