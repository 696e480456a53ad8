/** Logins of an index while pip installs and builds. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { LEVELS } from "../../../../src/events/levels.ts";
import { writeArchive } from "../../../support/archives.ts";
import { startPackageIndex } from "../../../support/index-server.ts";
import { processesThatShow } from "../../../support/processes.ts";
import { workspace } from "../../../support/python-workspace.ts";
import { saidTo } from "../../../support/reporter.ts";
import { scratch } from "../../../support/scratch.ts";
import { writeWheel } from "../../../support/wheel.ts";

const PASSWORD = "s3cret-of-the-index";

/** An sdist whose build needs another distribution, for which pip starts itself. */
function writeSdist(folder: string): string {
  const file = path.join(folder, "built-1.0.tar.gz");
  writeArchive(file, [
    {
      name: "built-1.0/pyproject.toml",
      data:
        '[build-system]\nrequires = ["tinybackend"]\nbuild-backend = "tinybackend"\n' +
        '[project]\nname = "built"\nversion = "1.0"\n',
    },
    { name: "built-1.0/PKG-INFO", data: "Metadata-Version: 2.1\nName: built\nVersion: 1.0\n" },
  ]);
  return file;
}

const BACKEND = `
import os, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "built-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("built-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: built\\nVersion: 1.0\\n")
        wheel.writestr("built-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("built-1.0.dist-info/RECORD", "")
    return name
`;

test("no process shows the login, and no file is left that holds it", async () => {
  const folder = scratch();
  const shown: string[] = [];
  const requests = { count: 0 };
  const login = { user: "m@e", password: PASSWORD };
  const index = await startPackageIndex({
    only: [],
    extra: [
      writeSdist(folder),
      writeWheel(folder, "tinybackend", "1.0", { files: { "tinybackend.py": BACKEND } }),
      writeWheel(folder, "linked", "1.0"),
    ],
    login,
    onRequest() {
      requests.count += 1;
      shown.push(...processesThatShow(PASSWORD));
    },
  });
  onTestFinished(() => index.close());
  const temporary = scratch();
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("TMPDIR", temporary);
  const host = new URL(index.url).host;
  const withLogin = (url: string) => url.replace("//", `//m%40e:${PASSWORD}@`);
  const debug: string[] = [];
  const report = saidTo((line: string) => void debug.push(line), LEVELS.DEBUG);
  const { install, eggs } = workspace(withLogin(index.url));
  mkdirSync(eggs, { recursive: true });
  const findLinks = [withLogin(`http://${host}/simple/linked/`)];
  expect(await install(["built", "linked"], { findLinks, report })).toEqual([
    "built 1.0",
    "linked 1.0",
  ]);
  expect(index.requests.join(" ")).toContain("tinybackend");
  expect(shown).toEqual([]);
  expect(debug.join("\n")).not.toContain(PASSWORD);
  expect(() => execFileSync("grep", ["-r", PASSWORD, eggs, temporary])).toThrow();
  // If no netrc file can contain it, it works as well, with a warning.
  const others = workspace(index.url.replace("//", `//m%40e:$\{PASSWORD}@`));
  vi.stubEnv("PASSWORD", PASSWORD);
  expect(await others.install(["built"])).toEqual(["built 1.0"]);
  expect(others.lines.filter((line) => line.includes("shows the login"))).toEqual([
    expect.stringMatching(
      /^pip shows the login of 127\.0\.0\.1 in the process list while it builds: /,
    ),
  ]);
}, 60_000);
