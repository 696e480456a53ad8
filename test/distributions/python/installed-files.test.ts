import { mkdirSync, renameSync } from "node:fs";
import { expect, test } from "vitest";
import { InstalledFiles } from "../../../src/distributions/python/installed-files.ts";
import { scratchFiles } from "../../support/scratch.ts";

const text = (version: string) => `Metadata-Version: 2.1\nName: lib\nVersion: ${version}\n`;

test("metadata is read once, and again when it has changed", () => {
  const p = scratchFiles({ "lib-1.dist-info/METADATA": text("1.0") });
  const files = new InstalledFiles();
  const read = () => files.readMetadata(p.path("lib-1.dist-info"));
  const first = read();
  expect(first?.version).toBe("1.0");
  expect(read()).toBe(first);
  p.write("new", text("2.0"));
  renameSync(p.path("new"), p.path("lib-1.dist-info/METADATA"));
  expect(read()?.version).toBe("2.0");
});

test("what lies in a directory is read once, and again when it has changed", () => {
  const p = scratchFiles({ "site/lib-1.dist-info/METADATA": text("1.0") });
  const files = new InstalledFiles();
  const read = () => files.distributionsIn(p.path("site"));
  const first = read();
  expect([...first.keys()]).toEqual(["lib"]);
  expect(read()).toBe(first);
  mkdirSync(p.path("site/other-1.dist-info"));
  expect([...read().keys()]).toEqual(["lib", "other"]);
  expect(files.distributionsIn(p.path("nowhere")).size).toBe(0);
});

test("metadata in one file is found, and so is none", () => {
  const p = scratchFiles({ "lib-1.egg-info": text("1.0") });
  const files = new InstalledFiles();
  expect(files.readMetadata(p.path("lib-1.egg-info"))?.version).toBe("1.0");
  expect(files.readMetadata(p.path("none.egg-info"))).toBeUndefined();
});
