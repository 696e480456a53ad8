import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isAllSeen, lookInput, lookScript, parseLook } from "../../../src/deploy/host/look.ts";
import { writeFiles } from "../../support/scratch.ts";

let folder: string;
let app: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "hostout-look-")));
  app = join(folder, "app");
  mkdirSync(join(folder, "tmp"));
  writeFiles(app, {
    "bin/buildout": "",
    "files/old": "old",
    "files/sub/stays": "stays",
    "files/sub/goes": "goes",
    ".installed.cfg": "[buildout]\n",
  });
  symlinkSync("/etc", join(app, "outside"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Replaces the engine on the host. */
function engine(program: string): void {
  writeFiles(app, { "bin/buildout": `#!/bin/sh\n${program}\n` });
  chmodSync(join(app, "bin/buildout"), 0o755);
}

function start(shell: string, words: readonly string[], run: "no" | "own") {
  const script = lookScript(app, join(folder, "cache"), "h.cfg", run);
  const program = spawn(shell, [...words, "-c", script], {
    env: { PATH: process.env.PATH, TMPDIR: join(folder, "tmp") },
  });
  const ended = new Promise<number | null>((resolve) => program.once("close", resolve));
  return { program, ended };
}

/** A release with a changed file, a new one and a removed one. */
async function archive(): Promise<Buffer> {
  writeFiles(join(folder, "release"), { "tree/files/old": "new", "tree/files/sub/new": "new" });
  const file = join(folder, "release.tgz");
  await create({ gzip: true, file, cwd: join(folder, "release") }, ["tree"]);
  return readFileSync(file);
}

describe.each([["dash"], ["busybox", "sh"]])("in %s", (shell, ...words) => {
  test("shows files with their hashes, but nothing behind links", async () => {
    const { program, ended } = start(shell, words, "no");
    program.stdin.end(lookInput("", ["files/old", "outside", "outside/passwd", "missing"], []));
    const { files, installed, status, directory } = parseLook(await text(program.stdout), app);
    expect(await ended).toBe(0);
    expect([...files.keys()]).toEqual(["files/old", "outside"]);
    expect(files.get("files/old")?.content?.toString()).toBe("old");
    expect(files.get("outside")?.content?.toString()).toBe("/etc");
    expect([installed?.length, status, directory]).toEqual([64, undefined, app]);
  });

  test("lets the engine see the release, and nothing is left of it", async () => {
    engine(`printf '{"pwd":"%s"}\\n' "$PWD"; cat files/old files/sub/stays files/sub/new; echo
ls files/sub; cat <&4; echo "$HOSTOUT_FOR"; exit 3`);
    const packed = await archive();
    const { program, ended } = start(shell, words, "own");
    program.stdin.write(
      `${lookInput('{"key":"value"}\n', [], ["files/sub/goes"])}${packed.length}\n`,
    );
    program.stdin.write(packed);
    let printed = "";
    program.stdout.on("data", (chunk) => {
      printed += chunk;
      if (isAllSeen(printed)) program.stdin.end();
    });
    expect(await ended).toBe(0);
    const { events, status } = parseLook(printed, app);
    expect(events).toEqual([
      JSON.stringify({ pwd: app }),
      "newstaysnew",
      ...["new", "stays", '{"key":"value"}', app],
    ]);
    expect(status).toBe(3);
    expect(readFileSync(join(app, "files/old"), "utf8")).toBe("old");
    expect(readdirSync(join(app, "files/sub"))).toEqual(["goes", "stays"]);
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });

  test("ends with its input, and the engine with it", async () => {
    const begun = join(folder, "begun");
    engine(`echo $$ > ${begun}.tmp; mv ${begun}.tmp ${begun}; exec sleep 1000`);
    const packed = await archive();
    const { program, ended } = start(shell, words, "own");
    program.stdin.write(`${lookInput("", [], [])}${packed.length}\n`);
    program.stdin.write(packed);
    await vi.waitUntil(() => existsSync(begun), { timeout: 60_000 });
    program.stdin.end();
    expect(await ended).toBe(1);
    const pid = Number(readFileSync(begun, "utf8"));
    await vi.waitUntil(() => !existsSync(`/proc/${pid}`), { timeout: 60_000 });
    expect(readdirSync(join(folder, "tmp"))).toEqual([]);
  });
});
