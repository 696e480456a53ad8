import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LocalFilesRequest } from "../../../src/deploy/release/local-files.ts";
import { LocalWork } from "../../../src/deploy/release/local-work.ts";
import { scratchFolder } from "../../support/servers.ts";

let scratch: string;
let worker: string;
beforeEach(async () => {
  scratch = await scratchFolder();
  worker = join(scratch, "worker.mjs");
  // Answers with the request, and records it.
  writeFileSync(
    worker,
    `import { appendFileSync } from "node:fs";
     import { parentPort, workerData } from "node:worker_threads";
     appendFileSync(${JSON.stringify(join(scratch, "log"))}, "asked\\n");
     const { options } = workerData;
     if (options.buildout.length === 0) {
       const message = options.name + " builds nothing";
       parentPort.postMessage({ code: "no-buildout", message, details: {} });
     } else parentPort.postMessage({ files: { files: options.include } });`,
  );
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const request = (options: Partial<LocalFilesRequest["options"]>): LocalFilesRequest => ({
  ...{ directory: scratch, stateDirectory: scratch, env: {} },
  options: {
    ...{ name: "web1", buildout: ["prod.cfg"], parts: [], sudoParts: [], include: [] },
    ...options,
  },
});
const asked = () =>
  existsSync(join(scratch, "log")) ? readFileSync(join(scratch, "log"), "utf8").length / 6 : 0;

test("hosts with the same options share what one thread has read", async () => {
  const work = new LocalWork();
  const names = ["web1", "web2", "web3"];
  const all = await Promise.all(names.map((name) => work.files(worker, request({ name }))));
  expect(new Set(all).size).toBe(1);
  expect(asked()).toBe(1);
});

test("hosts with other options have files of their own", async () => {
  const work = new LocalWork();
  const shop = await work.files(worker, request({ include: ["shop"] }));
  const blog = await work.files(worker, request({ include: ["blog"] }));
  expect([shop.files, blog.files]).toEqual([["shop"], ["blog"]]);
  await new LocalWork().files(worker, request({ include: ["blog"] }));
  expect(asked()).toBe(3);
});

test("an error names the host that asks", async () => {
  const work = new LocalWork();
  for (const name of ["web1", "web2"]) {
    const files = work.files(worker, request({ name, buildout: [] }));
    await expect(files).rejects.toThrow(`${name} builds nothing`);
  }
});
