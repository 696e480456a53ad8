import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Member, writeArchive } from "../../support/archives.ts";
import { cmmiProject, sources } from "../../support/cmmi-project.ts";

/** A download cache outside of the buildouts, and sources for them. */
function around(members: Member[] = sources()) {
  const folder = mkdtempSync(path.join(tmpdir(), "cmmi-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const cache = path.join(folder, "cache");
  mkdirSync(cache);
  const url = writeArchive(path.join(folder, "foo.tgz"), members);
  const buildout = (more = "") => {
    const p = cmmiProject(`shared = true\n${more}`, { buildout: `download-cache = ${cache}` });
    p.write("buildout.cfg", p.read("buildout.cfg").replace(/^url = .*$/m, `url = ${url}`));
    return p;
  };
  const hash = (...state: string[]) => createHash("sha1").update(state.join("")).digest("hex");
  const built = (...state: string[]) => path.join(cache, "cmmi/build", hash(url, ...state));
  return { folder, cache, buildout, built };
}

describe("a shared build", () => {
  test("is built once, for all buildouts, in the original's place", async () => {
    const { buildout, built } = around();
    const location = built("", "", "", "-p0", "");
    const first = buildout();
    expect((await first.run()).text).toMatch(/^Installing foo\.\nfoo: Unpacking and configuring\n/);
    expect(readFileSync(path.join(location, "bin/foo"), "utf8")).toContain(`--prefix=${location}`);
    expect(first.read(".installed.cfg")).toContain(`location = ${location}\n`);
    const second = buildout();
    expect((await second.run()).text).toBe("Installing foo.\nfoo: using existing shared build\n");
    second.write("buildout.cfg", "[buildout]\nparts =\n");
    await second.run();
    expect(existsSync(location)).toBe(true);
  });

  test("is another one for other options", async () => {
    const { buildout, built } = around();
    await buildout("extra_options = -a  -b\nenvironment = B=2 A=1 x\npatch_options = -p1").run();
    expect(existsSync(built("-a -b", "", "", "-p1", "A1 xB2"))).toBe(true);
  });

  test("is made again when somebody removed it", async () => {
    const { buildout, built } = around();
    const p = buildout();
    await p.run();
    const location = built("", "", "", "-p0", "");
    rmSync(location, { recursive: true });
    expect((await p.run()).text).toMatch(/^Updating foo\.\nfoo: Unpacking and configuring\n/);
    expect(existsSync(path.join(location, "bin/foo"))).toBe(true);
    expect((await p.run()).text).toBe("Updating foo.\n");
  });

  test("can be in another directory", async () => {
    const { folder, buildout } = around();
    const p = buildout();
    p.write("buildout.cfg", p.read("buildout.cfg").replace("shared = true", `shared = ${folder}`));
    await p.run();
    expect(existsSync(path.join(folder, "cmmi/bin/foo"))).toBe(true);
  });

  test("that fails leaves nothing", async () => {
    const { buildout, built } = around(sources("", "#!/bin/sh\nexit 1\n"));
    const { error } = await buildout().run();
    const left = /left in (\S+)/.exec(error?.hint ?? "")?.[1] ?? "";
    onTestFinished(() => rmSync(left, { recursive: true, force: true }));
    const location = built("", "", "", "-p0", "");
    expect(existsSync(path.dirname(location))).toBe(false);
  });

  test("that was killed is made again", async () => {
    const { buildout, built } = around();
    const location = built("", "", "", "-p0", "");
    mkdirSync(location, { recursive: true });
    writeFileSync(path.join(location, "half"), "");
    writeFileSync(`${location}.unfinished`, "");
    expect((await buildout().run()).text).toContain("Unpacking and configuring");
    expect([existsSync(path.join(location, "half")), existsSync(`${location}.unfinished`)]).toEqual(
      [false, false],
    );
  });
});
