import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { nativeRecipes } from "../../../recipes/index.ts";
import { lint } from "../../../src/buildout/lint/lint.ts";
import { load } from "../../../src/config/merge/load.ts";
import { project } from "../../support/command-project.ts";

/** The findings of `lint` in a part: `line severity message hint`. */
async function findings(text: string, files: Record<string, string> = {}): Promise<string[]> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "hostout-lint-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries({ ...files, "buildout.cfg": text })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  const configuration = await load({
    ...{ directory, file: "buildout.cfg", assignments: [], userDefaults: false },
    env: { HOME: directory },
  });
  const found = await lint({ configuration, recipes: nativeRecipes, directory });
  return found.map(
    ({ severity, message, location, hint }) =>
      `${location?.line} ${severity} ${message} ${hint ?? ""}`,
  );
}

const part = (options: string) =>
  `[buildout]\nparts = a\n[a]\nrecipe = hostout\n${options}\nhost = h\n`;

describe("options of a hostout part", () => {
  test("misspelled ones are found with the nearest, by their lines", async () => {
    const options = "hots = x\nidentity_fil = z\nbuidlout = q\npost-comands = b\npre-command = c\n";
    expect(await findings(part(`${options}my-own = d\nhealth-check = e\n`))).toEqual(
      [
        [5, "hots", "host"],
        [6, "identity_fil", "identity-file"],
        [7, "buidlout", "buildout"],
        [8, "post-comands", "post-commands"],
        [9, "pre-command", "pre-commands"],
      ].map(
        ([line, option, meant]) =>
          `${line} warning Nothing reads the option '${option}' of [a]. Did you mean '${meant}'?`,
      ),
    );
  });

  test.each([
    [
      "rollout = 50% 10%",
      "rollout: Percentages are cumulative: '10%' adds no hosts to the previous batch.",
    ],
    ["rollout = some", "rollout: 'some' is neither a number of hosts nor a percentage."],
    ["max-fail = 200%", "max-fail: '200%' is more than 100%."],
    ["health-check = http://a b/", "health-check: This is not a URL."],
    ["health-interval = 0", "health-interval: '0' is not a number of at least 1."],
    ["health-passes = 99", "health-timeout: 99 passes, one each 1 s, take longer than 30 s."],
    ["health-logs = /var/log/*.log", "health-logs: '/var/log/*.log' is not below 'path'."],
    ["log-files = ../a.log", "log-files: '../a.log' is not below 'path'."],
    [
      "rollback-on-failure = maybe",
      "rollback-on-failure: 'maybe' is not one of host, batch, all, no.",
    ],
    ["shared = bin", "shared: 'bin' cannot be shared by releases."],
    ["effective-user = a b", "effective-user: 'a b' cannot be the name of a user or group."],
    ["python-version = new", "python-version: 'new' is not a version."],
    ["tunnel-allow = *", "tunnel-allow: '*' is not a host, address or network."],
  ])("%s is found by lint and bin/buildout, with its line", async (line, message) => {
    const health = line.startsWith("health-passes") ? "health-check = true\n" : "";
    const text = part(`tunnel = true\nbuildout-user = u\n${health}${line}\n`);
    const number = text.split("\n").indexOf(line) + 1;
    const found = (await findings(text)).filter((one) => !one.includes("has no effect"));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(`${number} error a:${message}`);
    // In a section that the part extends, it is found there.
    const base = `${part(`tunnel = true\nbuildout-user = u\n${health}extends = b\n`)}[b]\n${line}\n`;
    const inBase = (await findings(base)).filter((one) => !one.includes("has no effect"));
    expect(inBase).toEqual([expect.stringMatching(/^\d+ error /)]);
    expect(inBase[0]).toContain(message);
    expect(base.split("\n")[Number.parseInt(inBase[0]!, 10) - 1]).toBe(line);
    if (!/^(rollout = some|health-passes)/.test(line)) return;
    const { out, err, status } = project({ "buildout.cfg": text }).buildout();
    expect(out + err).toContain(`buildout.cfg:${number}: a:${message}`);
    expect(status).toBe(0);
  });

  test("values with references, and values that fit each other, are right", async () => {
    const health = "health-check = true\nhealth-passes = 99\n";
    expect(await findings(part(`${health}health-timeout = 200\n`))).toEqual([]);
    const referring = "health-timeout = ${b:seconds}\nrollout = ${b:sizes}\n";
    expect(
      await findings(`${part(`${health}${referring}`)}[b]\nseconds = 200\nsizes = 1\n`),
    ).toEqual([]);
    expect(await findings(`${part(`${health}extends = b\n`)}[b]\nhealth-timeout = 200\n`)).toEqual(
      [],
    );
  });

  test("roles that no command line could name are found, unless a fabfile has them", async () => {
    const found = (options: string) => findings(part(options), { "f.py": "env.roles = []\n" });
    expect(await found("roles = web db\n")).toEqual([]);
    expect(await found("roles = web, db\n")).toEqual([
      "5 warning a:roles: 'web,' cannot be the name of a role. " +
        "Separate roles with spaces, and do not use , ! * ? [ ] or @.",
    ]);
    expect(await found("roles = web, db\nfabfiles = f.py\n")).toEqual([]);
    expect((await found("role = web\n"))[0]).toMatch("Did you mean 'roles'?");
  });

  test("a missing host is reported, unless a fabfile or a plugin may provide it", async () => {
    const bare = (options: string) => findings(part(options).replace("\nhost = h\n", ""));
    const missing = "The part 'a' has no 'host' option. Add 'host = name-or-address' to [a].";
    expect(await bare("hots = x\n")).toEqual([
      `3 warning ${missing}`,
      "5 warning Nothing reads the option 'hots' of [a]. Did you mean 'host'?",
    ]);
    const files = { "fabfile.ts": "" };
    for (const elsewhere of ["fabfiles = fabfile.ts", "extends = hostout.cloud"]) {
      expect(await findings(part(elsewhere).replace("\nhost = h", ""), files)).toEqual([]);
    }
    expect(await bare("extends = b\n[b]\nhost = c\n")).toEqual([]);
  });

  test("those of a plugin, and those mentioned in a fabfile, are known", async () => {
    const files = { "fabfile.ts": 'api.env["hosts"];', "fab.py": "env.users" };
    const own =
      "extends = hostout.pushdeploy\nfabfiles = fabfile.ts fab.py\nhosts = x\nusers = y\n";
    expect(await findings(part(`${own}stagin = a\nstaging = b\n`), files)).toEqual([
      "9 warning Nothing reads the option 'stagin' of [a]. Did you mean 'staging'?",
    ]);
  });

  test("keys that other users can get at are found by name", async () => {
    const options = "identity-file = keys/mine.pub\n";
    const files = { "keys/mine": "", "keys/mine.pub": "", a_key: "" };
    const exposed = (file: string, line: number) =>
      `${line} error Other users can access the key ${file}, so logins will not use it. Run: chmod 600 ${file}`;
    expect(await findings(part(options), files)).toEqual([
      exposed("a_key", 3),
      exposed("keys/mine", 5),
    ]);
    expect(await findings(part(options), { "keys/mine.pub": "" })).toEqual([]);
  });

  test.each([
    ["tunnel-allow = a.example.com", "tunnel = true", "'tunnel' is not true"],
    ["buildout-password = x", "buildout-user = u", "there is no 'buildout-user'"],
    ["buildout-password-file = f", "buildout-user = u", "there is no 'buildout-user'"],
    ["buildout-group = g", "effective-user = u", "there is neither 'buildout-user'"],
    ["extends = hostout.pushdeploy\ndata = d", "stage-data = true", "'stage-data' is not true"],
  ])("%s has an effect with %s only", async (line, other, why) => {
    const [option] = line.split("\n").at(-1)!.split(" ");
    const found = await findings(part(`${line}\n`), { f: "" });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`warning The option '${option}' of [a] has no effect: ${why}`);
    expect(await findings(part(`${line}\n${other}\n`), { f: "" })).toEqual([]);
    // From a section that the part extends, by either of both ways.
    const base = (lines: string) => `${part(lines)}[base]\n${other}\n`;
    const [, names = "base"] = /extends = (\S+)/.exec(line) ?? [];
    const extended = names === "base" ? `${line}\nextends = base\n` : `${line}\n<= base\n`;
    expect(await findings(base(extended), { f: "" })).toEqual([]);
    const fabfile = { f: "", "fabfile.ts": `api.env["${option}"]` };
    expect(await findings(part(`${line}\nfabfiles = fabfile.ts\n`), fabfile)).toEqual([]);
  });

  test.each(["", "buildout-"])(
    "%spassword-file has no effect beside the password",
    async (kind) => {
      const user = "buildout-user = u\n";
      const file = `${user}${kind}password-file = f\n`;
      expect(await findings(part(file), { f: "" })).toEqual([]);
      expect(await findings(part(`${file}${kind}password = x\n`), { f: "" })).toEqual([
        `6 warning The option '${kind}password-file' of [a] has no effect: '${kind}password' takes precedence. Remove one of the two.`,
      ]);
    },
  );

  test("bin/buildout warns about one without an effect, with its line", () => {
    const { buildout } = project({ "buildout.cfg": part("host = h\ntunnel-allow = 10.0.0.1\n") });
    const { err, out, status } = buildout();
    expect(out + err).toContain(
      "buildout.cfg:6: The option 'tunnel-allow' of [a] has no effect: 'tunnel' is not true. Add 'tunnel = true', or remove it.",
    );
    expect(status).toBe(0);
  });

  test("options of a plugin from npm are known; one in Python does not declare its options", async () => {
    const files = {
      "node_modules/p/package.json":
        '{"name": "p", "version": "1.0.0", "hostout": {"fabfile": "./f.js", "options": {"usr": "x"}}}',
      "node_modules/p/f.js": 'export const show = () => api.env["hots"];',
    };
    const options = "extends = p\nusr = a\nhots = b\npaht = c\n";
    expect(await findings(part(options), files)).toEqual([
      "8 warning Nothing reads the option 'paht' of [a]. Did you mean 'path'?",
    ]);
    expect(await findings(part("extends = some.python\npaht = c\n"))).toEqual([
      "6 warning 'paht' of [a] is not an option of hostout. Did you mean 'path'?",
    ]);
  });

  test("an extended section is checked, too", async () => {
    expect(await findings(part("extends = base\n[base]\nusr = x\n"))).toEqual([
      "7 warning Nothing reads the option 'usr' of [base]. Did you mean 'user'?",
    ]);
  });

  test("files have to be there, paths on the host to be absolute, flags to be flags", async () => {
    const options =
      "buildout = nothere.cfg buildout.cfg\ninclude =\n  nofile\n  no*\nidentity-file = nokey\n" +
      "path = relative/x\nbuildout-cache = cache\naccept-new = yes\ntunnel = true\nfabfiles = none.py\n";
    expect(await findings(part(options))).toEqual([
      "5 error a:buildout: There is no nothere.cfg. Correct the name; relative paths start at the buildout directory.",
      "6 error a:include: There is no nofile. Correct the name; relative paths start at the buildout directory.",
      "9 warning a:identity-file: There is no nokey. Correct the name; relative paths start at the buildout directory.",
      "10 error a:path: 'relative/x' is not absolute. Write the full path on the host.",
      "11 error a:buildout-cache: 'cache' is not absolute. Write the full path on the host.",
      "12 error a:accept-new: 'yes' is neither 'true' nor 'false'. Write true or false.",
      "14 error a:fabfiles: There is no none.py. Correct the name; relative paths start at the buildout directory.",
    ]);
  });

  test("several names on one line of include are pointed out", async () => {
    const files = { one: "", "one two": "" };
    expect(await findings(part("include =\n  one three\n  one two\n"), files)).toEqual([
      "5 error a:include: there is no 'one three': each line is one name. If these are 2 names, write each on its own line, indented.",
    ]);
  });

  test("a run has the same warnings, also for what a part extends, after other parts are built", () => {
    const p = project({
      "later.js": `import { writeFileSync } from "node:fs";
export default { description: "", install() { writeFileSync("made", ""); return []; } };`,
      "buildout.cfg": `[buildout]
parts = file a
[file]
recipe = ./later.js
[a]
recipe = hostout
extends = base
host = h
include = made
identity-file = nokey
accept-new = yes
[base]
path = relative/x
`,
    });
    const expected = [
      "a: buildout.cfg:10: a:identity-file: There is no nokey. Correct the name; relative paths start at the buildout directory.",
      "a: buildout.cfg:11: a:accept-new: 'yes' is neither 'true' nor 'false'. Write true or false.",
      "a: buildout.cfg:13: base:path: 'relative/x' is not absolute. Write the full path on the host.",
    ];
    for (const run of ["first", "again"]) {
      const { out, status } = p.buildout();
      const said = out.split("\n").filter((line) => line.includes("buildout.cfg:"));
      expect({ said, status }, run).toEqual({ said: expected, status: 0 });
    }
  });

  test("a part whose name cannot be in a file name is an error", async () => {
    const text = "[buildout]\nparts = a/b\n[a/b]\nrecipe = hostout\nhost = x\n";
    expect(await findings(text)).toEqual([
      "3 error The name of the part [a/b] cannot be part of a file name. Rename it: files such as NAME.password are named after it.",
    ]);
  });

  test("names and paths that a deployment refuses are errors", async () => {
    for (const name of ["a%b", "a\\b", ".."]) {
      const text = `[buildout]\nparts = ${name}\n[${name}]\nrecipe = hostout\nhost = x\n`;
      expect((await findings(text)).join()).toMatch(/cannot be part of a file name/);
    }
    for (const path of ["/srv/a\n  b", "/srv/a%b", "/srv/a\\b"]) {
      expect((await findings(part(`path = ${path}\n`))).join()).toMatch(
        /a:path: .* holds a line break/,
      );
    }
    for (const path of ["/", "//", "~", "/srv/../x"]) {
      expect((await findings(part(`path = ${path}\n`))).join()).toMatch(/cannot be a buildout dir/);
    }
    for (const path of ["/srv/a b", "~/app", "/srv/..a"]) {
      expect(await findings(part(`path = ${path}\n`))).toEqual([]);
    }
  });

  test("a run warns about the misspelled ones, with their places", () => {
    const p = project({ "buildout.cfg": part("host = h\nextends = b\nusr = x\n[b]\npaht = /y\n") });
    const { out, status } = p.buildout();
    expect(out).toContain(
      "a: buildout.cfg:7: Nothing reads the option 'usr' of [a]. Did you mean 'user'?\n",
    );
    expect(out).toContain(
      "a: buildout.cfg:9: Nothing reads the option 'paht' of [b]. Did you mean 'path'?\n",
    );
    expect(out.match(/Nothing reads/g)).toHaveLength(2);
    expect(status).toBe(0);
  });
});

test.each(["../../up", "a/b", ".."])("a part named %j writes no password anywhere", (name) => {
  const p = project({
    "deep/er/buildout.cfg": `[buildout]\nparts = ${name}\n[${name}]\nrecipe = hostout\nhost = h\npassword = s3cret\n`,
  });
  const outcome = p.buildout("-c", "deep/er/buildout.cfg");
  expect(outcome.status).toBe(1);
  expect(outcome.err).toContain(`The name of the part [${name}] cannot be part of a file name.`);
  const files = readdirSync(p.directory, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => file.includes("password"))).toEqual([]);
});
