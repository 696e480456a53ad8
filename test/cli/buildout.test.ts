import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { command, engine, environment, project, root } from "../support/command-project.ts";

const RECIPE = `export default {
  description: "makes a folder",
  install(part) { return []; },
  update() {},
};`;

const CFG = `[buildout]
parts = web
[web]
recipe = ./r.js
port = 80
address = localhost:\${:port}
`;

describe("buildout", () => {
  test("installs, with log lines on standard output", () => {
    const p = project({ "buildout.cfg": CFG, "r.js": RECIPE });
    expect(p.buildout("-qq")).toEqual({ status: 0, out: "", err: "" });
    p.write("buildout.cfg", CFG.replace("80", "81"));
    const { status, out, err } = p.buildout();
    expect([status, err]).toEqual([0, ""]);
    expect(out).toBe("Uninstalling web.\nInstalling web.\n");
    expect(p.buildout("install", "web").out).toBe("Updating web.\n");
  });

  test("creates its directories and reports that", () => {
    const p = project({ "buildout.cfg": "[buildout]\nparts =\n" });
    expect(p.buildout().out).toBe(
      ["eggs/v5", "bin", "parts", "develop-eggs"]
        .map((name) => `Creating directory '/p/${name}'.\n`)
        .join(""),
    );
  });

  test("prints an error on standard error, with status 1", () => {
    const p = project({
      "buildout.cfg": CFG.replace("localhost:${:port}", "${wbe:port}"),
      "r.js": RECIPE,
    });
    const { status, err } = p.buildout();
    expect(status).toBe(1);
    expect(err).toBe(
      "While:\n  Installing.\n  Getting section web.\n  Initializing section web.\n" +
        "  Getting option web:address.\n  Getting section wbe.\n" +
        "Error: The referenced section, 'wbe', was not defined.\n" +
        "  at buildout.cfg:6\n  Did you mean 'web'?\n",
    );
  });

  test.each([
    ["parts = wbe\n[web]\nrecipe = x\n", 2, "web"],
    ["parts = web\n[web]\nrecipee = x\n", 3, "recipee"],
    ["parts = web\n[web]\nrecipe = zc.recipe.eg\n", 4, "zc.recipe.egg"],
    ["parts = web\n[web]\n<= bsae\n[base]\n", 4, "base"],
    ["parts = web\n[web]\n=> bsae\n[base]\n", 4, "base"],
    ["parts =\nversions = verisons\n[versions]\n", 3, "versions"],
    ["parts =\nextensions = mr.develper\n", 3, "mr.developer"],
    ["parts =\n[web:linxu]\n", 3, "linux"],
  ])("an unknown name has its place and the nearest one: %j", (text, line, meant) => {
    const p = project({ "buildout.cfg": `[buildout]\n${text}` });
    const { err } = p.buildout("-o", "index=http://127.0.0.1:9/");
    expect(err).toContain(`\n  at buildout.cfg:${line}\n  Did you mean '${meant}'?\n`);
    expect(p.buildout("install", "wbe").err).not.toContain("buildout.cfg:2");
  });

  test("-D shows where an error was thrown", () => {
    const p = project({ "buildout.cfg": "[buildout]\nparts = x\n" });
    expect(p.buildout("-D").err).toMatch(/Error: The referenced section[\s\S]*\n {4}at /);
    expect(p.buildout().err).not.toMatch(/\n {4}at /);
  });

  test("an error in an assignment on the command line names it", () => {
    const p = project({ "buildout.cfg": CFG, "r.js": RECIPE });
    const { err } = p.buildout("web:address=${web:prt}");
    expect(err).toContain("\n  at COMMAND_LINE_VALUE\n  Did you mean 'port'?\n");
  });

  test("a hostout part that extends something other than a part reports where", () => {
    const p = project({
      "buildout.cfg":
        "[buildout]\nparts = web\n[web]\nrecipe = hostout\nextends = bsae\n[base]\nhost = h\n",
    });
    expect(p.buildout().err).toContain("\n  at buildout.cfg:5\n  Did you mean 'base'?\n");
  });

  test("a missing configuration is an error that says what to do", () => {
    const { status, err } = project().buildout();
    expect(status).toBe(1);
    expect(err).toContain("Error: Couldn't open /p/buildout.cfg\n");
    expect(err).toContain("buildout init");
  });

  test("-c names another file; a recipe sees the directory of that file", () => {
    const p = project({
      "sub/other.cfg": CFG,
      "sub/r.js": RECIPE.replace("return [];", "part.log.info(process.cwd()); return [];"),
    });
    expect(p.buildout("-c", "sub/other.cfg").out).toContain("web: /p/sub\n");
  });
});

describe("usage", () => {
  test("--version and --help", () => {
    const p = project();
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(p.buildout("--version")).toEqual({
      status: 0,
      out: `buildout version ${version}\n`,
      err: "",
    });
    const { out } = p.buildout("--help");
    for (const name of ["install", "bootstrap", "init", "annotate", "query", "config"]) {
      expect(out).toContain(`\n  ${name} `);
    }
    expect(p.buildout("-h").out).toBe(out);
    expect(p.buildout("help").out).toBe(out);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("help of one command", () => {
    const p = project();
    expect(p.buildout("query", "--help").out).toMatch(
      /^Usage: buildout .* query \[SECTION:\]OPTION/,
    );
    expect(p.buildout("help", "query").out).toBe(p.buildout("query", "--help").out);
  });

  test.each([
    [["frobnicate"], "Error: invalid command: frobnicate"],
    [["instal"], "Did you mean 'install'?"],
    [["-X"], "Error: Invalid option -X"],
    [["--jsn"], "Error: Invalid option --jsn"],
    [["install", "--dry-run"], "Error: Invalid option --dry-run"],
    [["lint", "junk"], "Error: 'lint' takes no arguments: 'junk'."],
    [["annotate", "-v"], "Error: Option -v goes before the command.\n  buildout -v annotate\n"],
    [
      ["bootstrap", "-c", "base.cfg"],
      "Error: Option -c goes before the command.\n  buildout -c base.cfg bootstrap\n",
    ],
    [["-o", "develop", "status"], "'develop' uses the options of the last buildout run"],
    [["-t", "x"], "Error: Timeout value must be numeric -t"],
    [["help", "anotate"], "Did you mean 'annotate'?"],
    [["completion", "tcsh"], "bash, zsh or fish"],
  ])("%j is reported", (args, message) => {
    const { status, err } = project({ "buildout.cfg": CFG }).buildout(...args);
    expect(status).toBe(2);
    expect(err).toContain(message);
  });

  test("completion scripts are accepted by their shells", () => {
    const p = project();
    const script = p.buildout("completion", "bash").out;
    const words = (...typed: string[]) =>
      execFileSync(
        "bash",
        [
          "-c",
          `${script}\nCOMP_WORDS=(buildout ${typed.join(" ")}); COMP_CWORD=${typed.length}; _buildout '${command}'; echo "\${COMPREPLY[@]}"`,
        ],
        { cwd: p.directory, encoding: "utf8" },
      );
    expect(words("an")).toBe("annotate\n");
    expect(words("--v")).toBe("--version\n");
    p.write("buildout.cfg", "[buildout]\nparts = web\n[web]\nrecipe = x\n[webpins]\na = 1\n");
    expect(words("install", "we").trim().split(/\s+/)).toEqual(["web"]);
  });
});

describe("annotate", () => {
  test("shows sections with their sources", () => {
    const p = project({ "buildout.cfg": `${CFG}[plain]\na = 1\n` });
    const { out } = p.buildout("annotate", "plain");
    expect(out).toBe(
      "\nAnnotated sections\n==================\n\n[plain]\na= 1\n    buildout.cfg\n",
    );
    expect(p.buildout("-v", "annotate", "plain").out).toContain(
      "   IN buildout.cfg\n   SET VALUE = 1",
    );
    expect(p.has("bin")).toBe(false);
  });

  test("--json has value, source and history, the oldest step first", () => {
    const p = project({
      "base.cfg": "[plain]\na = 1\n",
      "buildout.cfg": "[buildout]\nextends = base.cfg\nparts =\n[plain]\na += 2\n__proto__ = x\n",
    });
    const { plain } = JSON.parse(p.buildout("annotate", "plain", "--json").out);
    expect(plain.a.value).toBe("1\n2");
    expect(plain.a.source).toBe("buildout.cfg");
    expect(plain.a.history.map((step: { operation: string }) => step.operation)).toEqual([
      "SET",
      "ADD",
    ]);
    expect(plain.a.history[0]).toEqual({
      operation: "SET",
      value: "1",
      source: "base.cfg",
      line: 2,
    });
    expect(Object.keys(plain)).toContain("__proto__");
  });

  test("--json cuts long histories down, -v does not", () => {
    const files: Record<string, string> = { "f8.cfg": "[buildout]\nparts =\n[a]\nx = 1\n" };
    for (let i = 0; i < 8; i++) {
      files[`f${i}.cfg`] = `[buildout]\nextends = f${i + 1}.cfg f${i + 1}.cfg\n`;
    }
    const p = project(files);
    const history = (...words: string[]) => {
      const { x } = JSON.parse(
        p.buildout("-c", "f0.cfg", ...words, "annotate", "a", "--json").out,
      ).a;
      return [x.history.length, x.truncated];
    };
    expect(history()).toEqual([100, true]);
    expect(history("-v")).toEqual([256, undefined]);
  });

  test("a reader that stops early is not an error", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `option-${i} = value`).join("\n");
    const p = project({ "buildout.cfg": `[buildout]\nparts =\n[big]\n${many}\n` });
    const shell = `'${process.execPath}' '${command}' annotate | head -n 3; exit \${PIPESTATUS[0]}`;
    const result = spawnSync("bash", ["-c", shell], { cwd: p.directory, encoding: "utf8" });
    expect([result.status, result.stderr]).toEqual([0, ""]);
  });
});

test("an installation continues when nobody reads its output any longer", () => {
  const p = project({
    "buildout.cfg": "[buildout]\nparts = a b\n[a]\nrecipe = ./r.js\n[b]\nrecipe = ./r.js\n",
    "r.js": RECIPE.replace(
      "return [];",
      'for (let i = 0; i < 5000; i++) part.log.info("x".repeat(99)); return [];',
    ),
  });
  const shell = `'${process.execPath}' '${command}' | head -n 1; exit \${PIPESTATUS[0]}`;
  const result = spawnSync("bash", ["-c", shell], { cwd: p.directory, encoding: "utf8" });
  expect([result.status, result.stderr]).toEqual([0, ""]);
  expect(p.read(".installed.cfg")).toContain("parts = a b\n");
});

describe("query", () => {
  test("prints the option as written", () => {
    const p = project({ "buildout.cfg": CFG });
    expect(p.buildout("query", "web:address").out).toBe("localhost:${:port}\n");
    expect(p.buildout("query", "parts").out).toBe("web\n");
    expect(p.buildout("-v", "query", "web:port").out).toBe("${web:port}\n80\n");
    expect(p.buildout("-v", "query", "web:prt").out).toBe("${web:prt}\n");
  });

  test.each([
    [1, ["web:prt"], "Error: Key not found: prt\n  at buildout.cfg:3\n  Did you mean 'port'?\n"],
    [1, ["wbe:port"], "Error: Section not found: wbe\n  Did you mean 'web'?\n"],
    [
      2,
      [],
      "Error: The query command requires a single argument.\n  Usage: buildout query [SECTION:]OPTION\n",
    ],
    [2, ["a:b:c"], "Error: Invalid option: a:b:c\n"],
  ])("ends with %i for %j", (status, args, message) => {
    expect(project({ "buildout.cfg": CFG }).buildout("query", ...args)).toEqual({
      status,
      out: "",
      err: message,
    });
  });
});

describe("config", () => {
  const files = {
    "buildout.cfg": `${CFG}lines =\n  one\n  two\n[broken]\na = \${web:prt}\n[after]\nb = \${web:address}\n`,
  };

  test("prints substituted sections without loading a recipe", () => {
    const p = project(files);
    expect(p.buildout("config", "web", "after:b").out).toBe(
      "[web]\nrecipe = ./r.js\nport = 80\naddress = localhost:80\nlines =\n    one\n    two\n\n" +
        "[after]\nb = localhost:80\n",
    );
    expect(p.buildout("config", "after:b").out).toBe("localhost:80\n");
    expect(p.has("bin")).toBe(false);
  });

  test("shows a section that cannot be resolved with its error, and the others", () => {
    const p = project(files);
    const { status, out } = p.buildout("config", "--json");
    const sections = JSON.parse(out);
    expect(status).toBe(1);
    expect(p.buildout("web:prt=1", "config").status).toBe(0);
    expect(p.buildout("config", "web").status).toBe(0);
    expect(sections.after).toEqual({ b: "localhost:80" });
    expect(sections.buildout["eggs-directory"]).toBe("/p/eggs/v5");
    expect(sections.broken.error).toEqual({
      code: "missing-option",
      message: "Referenced option does not exist: web prt",
      file: "/p/buildout.cfg",
      line: 11,
      hint: "Did you mean 'port'?",
      while: expect.any(Array),
    });
    expect(p.buildout("config").out).toContain(
      "[broken]\n# Error: Referenced option does not exist: web prt\n",
    );
  });

  test("has status 1 if a named section or option does not exist", () => {
    const p = project(files);
    const { status, out } = p.buildout("config", "web", "broken", "gone", "web:gone", "--json");
    expect(status).toBe(1);
    const sections = JSON.parse(out);
    expect(sections.gone.error.code).toBe("missing-section");
    expect(sections.web.error.code).toBe("missing-option");
  });

  test("shows errors in [buildout] or the pins with those sections", () => {
    const p = project({
      "buildout.cfg":
        "[buildout]\nparts =\nlog-level = LOUD\n[a]\nb = 1\n[versions]\nc = ${gone:c}\n",
    });
    const bad = JSON.parse(p.buildout("config", "--json").out);
    expect(bad.buildout.error).toMatchObject({
      code: "invalid-value",
      file: "/p/buildout.cfg",
      line: 3,
    });
    expect(bad.a).toEqual({ b: "1" });
    const good = JSON.parse(p.buildout("buildout:log-level=INFO", "config", "--json").out);
    expect(good.buildout.parts).toBe("");
    expect(good.versions.error).toMatchObject({ code: "missing-section", line: 7 });
    expect(p.buildout("config", "buildout").status).toBe(1);
  });

  test("with --json, an error in the whole configuration is JSON, too", () => {
    const { status, out } = project().buildout("config", "--json");
    expect(status).toBe(1);
    expect(JSON.parse(out).error.code).toBe("missing-file");
    for (const words of [[], ["buildout"], ["--json", "buildout:parts"]]) {
      expect(project().buildout("config", ...words).status).toBe(1);
    }
  });
});

describe("lint", () => {
  test("reports everything that is wrong, with status 1 for errors", () => {
    const p = project({
      "buildout.cfg": `${CFG}x = \${wbe:a}\ny = \${:prt}\nport = 81\n[unused]\na = 1\n`,
      "r.js": RECIPE,
    });
    const { status, out, err } = p.buildout("lint");
    expect([status, err]).toEqual([1, ""]);
    expect(out).toBe(
      "buildout.cfg:7: error: The referenced section, 'wbe', was not defined. (missing-section)\n" +
        "  Did you mean 'web'?\n" +
        "buildout.cfg:8: error: Referenced option does not exist: web prt (missing-option)\n" +
        "  Did you mean 'port'?\n" +
        "buildout.cfg:9: warning: The option 'port' of [web] is set twice: line 5 is ignored. (duplicate-option)\n" +
        "buildout.cfg:10: warning: Nothing uses the section 'unused'. (unused-section)\n" +
        "2 errors, 2 warnings.\n",
    );
    const { findings } = JSON.parse(p.buildout("lint", "--json").out);
    expect(findings).toHaveLength(4);
    expect(findings[0]).toEqual({
      severity: "error",
      code: "missing-section",
      message: "The referenced section, 'wbe', was not defined.",
      hint: "Did you mean 'web'?",
      file: "/p/buildout.cfg",
      line: 7,
    });
  });

  test("prints findings for GitHub and viewers of SARIF, relative to the repository", () => {
    const p = project({ "here/buildout.cfg": "[buildout]\nparts =\n[unused]\na = ${:b}\n" });
    const lint = (...words: string[]) => {
      const env = { ...environment(p.directory), GITHUB_WORKSPACE: p.directory };
      const { status, stdout, stderr } = spawnSync(process.execPath, [command, "lint", ...words], {
        ...{ cwd: p.path("here"), env, encoding: "utf8" },
      });
      return { status, stdout, stderr };
    };
    const github = lint("--format", "github");
    expect(github.stdout).toContain("::error file=here/buildout.cfg,line=4,title=missing-option::");
    expect(github.status).toBe(1);
    const { runs } = JSON.parse(lint("--format=sarif").stdout);
    const [found] = runs[0].results.filter(({ level }: { level: string }) => level === "error");
    expect(found.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: "here/buildout.cfg" },
      region: { startLine: 4 },
    });
    expect(lint("--format", "json").stdout).toBe(lint("--json").stdout);
    expect(lint("--format", "sarif", "--json").stdout).toContain("cannot be used together");
    expect(lint("--format", "xml").stderr).toContain("takes one of github, sarif, json: 'xml'");
  });

  test("warnings alone have status 0, a clean configuration says so", () => {
    const p = project({ "buildout.cfg": `${CFG}[unused]\na = 1\n`, "r.js": RECIPE });
    expect(p.buildout("lint").status).toBe(0);
    p.write("buildout.cfg", CFG);
    expect(p.buildout("lint")).toEqual({ status: 0, out: "Nothing found.\n", err: "" });
    expect(p.has("bin")).toBe(false);
  });

  test("a file that cannot be read is a finding, too", () => {
    const p = project({ "buildout.cfg": "[buildout]\nwhat is this\n" });
    const { status, out } = p.buildout("lint", "--json");
    expect(status).toBe(1);
    expect(JSON.parse(out).findings).toMatchObject([{ code: "parse-error", line: 2 }]);
  });
});

test("notices and warnings stay out of JSON", () => {
  const p = project({
    "buildout.cfg": "[buildout]\nparts =\noptional-extends = gone.cfg\n[a]\nfoo+=x\n",
  });
  expect(p.buildout("annotate", "a").out).toMatch(
    /^optional-extends file not found: gone.cfg\n\nAnno/,
  );
  const { out, err } = p.buildout("annotate", "a", "--json");
  expect(Object.keys(JSON.parse(out).a)).toEqual(["fo"]);
  expect(err).toContain("optional-extends file not found: gone.cfg\n");
  expect(err).toContain("/p/buildout.cfg:5: ");
  expect(p.buildout().out).toContain("/p/buildout.cfg:5: ");
});

test("notices from before an error are shown", () => {
  const p = project({ "buildout.cfg": "[buildout]\noptional-extends = gone.cfg\nnewest = x\n" });
  const { status, out, err } = p.buildout();
  expect([status, out]).toEqual([1, "optional-extends file not found: gone.cfg\n"]);
  expect(err).toContain("Error: Invalid value for 'newest' option: 'x'");
});

test("a directory is not a configuration", () => {
  const { status, err } = project({ "sub/buildout.cfg": "[buildout]\n" }).buildout("-c", "sub");
  expect(status).toBe(1);
  expect(err).toContain("Error: '/p/sub' is a directory, not a file.\n");
  expect(err).toContain("sub/buildout.cfg");
});

describe("init and bootstrap", () => {
  test("init writes a configuration, directories and bin/buildout", () => {
    const p = project();
    const { status, out } = p.buildout("init");
    expect(status).toBe(0);
    expect(out).toBe(
      "Creating '/p/buildout.cfg'.\nCreating '/p/.gitignore'.\nCreating directory '/p/eggs/v5'.\nCreating directory '/p/bin'.\n" +
        "Creating directory '/p/parts'.\nCreating directory '/p/develop-eggs'.\n" +
        "Generated script '/p/bin/buildout'.\n",
    );
    expect(p.read("buildout.cfg")).toBe("[buildout]\nparts =\n");
    const script = spawnSync(p.path("bin/buildout"), ["query", "parts"], { cwd: p.directory });
    expect([script.status, String(script.stdout)]).toEqual([0, "\n"]);
    expect(p.read(".gitignore")).toBe("/parts/\n*_key\n");
    expect(p.buildout("init").err).toBe(
      "While:\n  Initializing.\nError: '/p/buildout.cfg' already exists.\n" +
        "  Run 'buildout bootstrap' to set up a buildout that has a configuration.\n",
    );
  });

  test.each(["=x", " = x", "a:=x"])("an assignment without a name is wrong usage: %j", (word) => {
    const { status, err } = project({ "buildout.cfg": "" }).buildout(word);
    expect(err).toBe(`Error: Invalid option: ${word}\n  Write section:option=value.\n`);
    expect(status).toBe(2);
  });

  test("init and bootstrap add missing lines to .gitignore, and keep the rest", () => {
    const p = project({ ".gitignore": "mine\nparts" });
    expect(p.buildout("init").out).toContain("Adding *_key to '/p/.gitignore'.\n");
    expect(p.read(".gitignore")).toBe("mine\nparts\n*_key\n");
    expect(p.buildout("bootstrap").out).not.toContain(".gitignore");
    const host = "[buildout]\nparts = a\n[a]\nrecipe = hostout\nhost = h\n";
    const other = project({ "buildout.cfg": host });
    expect(other.buildout("bootstrap").out).toContain("Creating '/p/.gitignore'.\n");
    expect(other.read(".gitignore")).toBe("/parts/\n*_key\n");
    expect(other.buildout("bootstrap").out).not.toContain(".gitignore");
    const hostless = project({ "buildout.cfg": "[buildout]\nparts =\n" });
    expect(hostless.buildout("bootstrap").status).toBe(0);
    expect(existsSync(hostless.path(".gitignore"))).toBe(false);
  });

  test("init, bootstrap and lint warn about private keys in git", () => {
    const host =
      "[buildout]\nparts = a\n[a]\nrecipe = hostout\nhost = h\nidentity-file = keys/own\n";
    const p = project({ host1_key: "", "keys/own": "", ".gitignore": "*_key\nparts\n" });
    const git = (...args: string[]) => execFileSync("git", args, { cwd: p.directory });
    for (const key of ["host1_key", "keys/own"]) chmodSync(p.path(key), 0o600);
    git("init", "-q");
    git("add", "-f", "host1_key");
    const tracked = "git has the private key /p/host1_key: anyone with the repository can deploy.";
    const said = ({ out, err }: { out: string; err: string }) => out + err;
    expect(said(p.buildout("init"))).toContain(tracked);
    p.write("buildout.cfg", host);
    for (const command of ["bootstrap", "lint"]) {
      const outcome = p.buildout(command);
      expect(said(outcome)).toContain(tracked);
      expect(said(outcome)).toContain("git does not ignore the private key /p/keys/own: ");
      expect(outcome.status).toBe(0);
    }
    expect(p.buildout("lint").out).toMatch(/buildout.cfg:6: .*keys\/own/);
  });

  test("init with npm packages and their directories creates a part for them", () => {
    const p = project({
      "src/app/package.json": JSON.stringify({ name: "app", version: "1.0.0" }),
    });
    const { err } = p.buildout("buildout:parts=", "init", "npm:app", "@scope/x", "./src/app");
    expect(err).toBe("");
    expect(p.read("buildout.cfg")).toBe(
      "[buildout]\ndevelop =\n  ./src/app\nparts = node\n\n" +
        "[node]\nrecipe = hostout:node\ninterpreter = node\neggs =\n  app\n  @scope/x\n",
    );
    expect(p.has("develop-eggs/app.package-link")).toBe(true);
  });

  test("a part with npm packages removes its directory, but not the files of others in it", () => {
    const cfg = "[buildout]\ndevelop = app\nparts = app\n[app]\nrecipe = hostout:node\n";
    const p = project({
      "app/package.json": JSON.stringify({ name: "app", version: "1.0.0" }),
      "buildout.cfg": cfg,
    });
    expect(p.buildout("-q").status).toBe(0);
    expect(p.has("parts/app/node_modules/app")).toBe(true);
    expect(p.buildout("-q", "buildout:parts=").status).toBe(0);
    expect(p.has("parts/app")).toBe(false);
    p.write("parts/app/theirs", "");
    expect(p.buildout("-q").status).toBe(0);
    expect(p.buildout("-q", "buildout:parts=").status).toBe(0);
    expect(readdirSync(p.path("parts/app"))).toEqual(["theirs"]);
  });

  test("init with Python packages and directories writes what zc.buildout does", () => {
    const p = project();
    const { status, err } = p.buildout("buildout:parts=", "init", "demo", "other>=1", "./src");
    expect([status, err]).toEqual([0, ""]);
    expect(p.read("buildout.cfg")).toBe(
      "[buildout]\nparts = py\n\n[py]\nrecipe = zc.recipe.egg\ninterpreter = py\neggs =\n" +
        "  demo\n  other>=1\nextra-paths =\n  ./src\n",
    );
    expect(p.has("src")).toBe(true);
  });

  test("bootstrap empties the develop-eggs directory and writes the script if needed", () => {
    const p = project({ "buildout.cfg": "[buildout]\nparts =\n", "develop-eggs/old": "" });
    expect(p.buildout("bootstrap").out).toContain("Generated script '/p/bin/buildout'.\n");
    expect(p.has("develop-eggs/old")).toBe(false);
    expect(p.buildout("bootstrap").out).not.toContain("Generated");
  });

  test.each(["", '{"type": "module"}', '{"type": "commonjs"}'])(
    "the script of a project that has the package inside can be moved (package.json: %s)",
    (manifest) => {
      const p = project({ "a/buildout.cfg": "[buildout]\nparts =\n" });
      if (manifest) p.write("a/package.json", manifest);
      const inside = p.path("a/node_modules/hostout");
      cpSync(join(root, "dist"), join(inside, "dist"), { recursive: true });
      cpSync(join(root, "package.json"), join(inside, "package.json"));
      const runIn = (folder: string, program: string, ...args: string[]) =>
        spawnSync(program, args, { cwd: p.path(folder), encoding: "utf8" });
      runIn("a", process.execPath, join(inside, "dist/cli/buildout.js"), "bootstrap");
      expect(p.read("a/bin/buildout")).toBe(
        '#!/usr/bin/env node\ntypeof require === "function" ? require("../node_modules/hostout/dist/cli/buildout.js") : ' +
          'import("../node_modules/hostout/dist/cli/buildout.js");\n',
      );
      cpSync(p.path("a"), p.path("b"), { recursive: true });
      rmSync(p.path("a"), { recursive: true });
      expect(runIn("b", p.path("b/bin/buildout"), "query", "parts")).toMatchObject({
        status: 0,
        stderr: "",
      });
    },
  );
});

describe("the engine as one file", () => {
  test("runs outside this package, and its bootstrap names itself and this Node", () => {
    const p = project({
      "buildout.cfg": CFG,
      "r.js": RECIPE.replace("return [];", "part.log.info(part.options.get('port')); return [];"),
    });
    cpSync(engine, p.path("cache/engine.cjs"));
    const copy = p.path("cache/engine.cjs");
    expect(p.runProgram(copy, "bootstrap").err).toBe("");
    expect(p.read("bin/buildout")).toBe(
      `#!${process.execPath}\ntypeof require === "function" ? require("../cache/engine.cjs") : ` +
        'import("../cache/engine.cjs");\n',
    );
    const { status, stdout } = spawnSync(p.path("bin/buildout"), [], {
      cwd: p.directory,
      env: { HOME: p.directory },
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining("web: 80\n")]);
  });

  test("uses nothing that Node 18.19 lacks", () => {
    const newer =
      /\.to(?:Reversed|Sorted|Spliced)\(|Promise\.withResolvers|Array\.fromAsync|(?:Object|Map)\.groupBy|import\.meta\.(?:dirname|filename)/;
    expect(newer.exec(readFileSync(engine, "utf8"))?.[0]).toBeUndefined();
  });

  test("contains the native recipes and TypeScript", () => {
    const p = project({
      "buildout.cfg":
        "[buildout]\nparts = a b\n[a]\nrecipe = collective.recipe.template\ninline = x ${:p}\np = 1\noutput = out\n[b]\nrecipe = ./r.ts\n",
      "r.ts":
        'import { defineRecipe } from "hostout";\nexport default defineRecipe({ description: "" as string, install: () => [] });\n',
      "engine.cjs": readFileSync(engine, "utf8"),
    });
    expect(p.runProgram(p.path("engine.cjs"))).toMatchObject({ status: 0, err: "" });
    expect(p.read("out")).toBe("x 1");
  });
});

describe("a run that is stopped", () => {
  const waiting = `import { existsSync, mkdirSync } from "node:fs";
export default {
  description: "stops in the middle while there is a file named wait",
  async install(part) {
    mkdirSync("parts/slow");
    part.created("parts/slow");
    mkdirSync("parts/slow/deep");
    if (existsSync("wait")) {
      part.log.info("waiting");
      await new Promise((done) => setTimeout(done, 60_000));
    }
    return "parts/slow";
  },
  update() {},
};`;
  const files = {
    "buildout.cfg":
      "[buildout]\nparts = first slow\n[first]\nrecipe = ./r.js\n[slow]\nrecipe = ./w.js\n",
    "r.js": RECIPE,
    "w.js": waiting,
    wait: "",
  };

  async function stop(p: ReturnType<typeof project>, signal: NodeJS.Signals) {
    const child: ChildProcess = spawn(process.execPath, [command], {
      cwd: p.directory,
      env: environment(p.directory),
    });
    let out = "";
    child.stdout?.on("data", (data) => {
      out += data;
      if (out.includes("slow: waiting")) child.kill(signal);
    });
    return await new Promise<number | NodeJS.Signals | null>((resolve) => {
      child.on("close", (status, by) => resolve(status ?? by));
    });
  }

  test("by Ctrl-C removes the part in progress and ends with status 130", async () => {
    const p = project(files);
    expect(await stop(p, "SIGINT")).toBe(130);
    expect([p.has("parts/slow"), p.has(".installed.cfg.pending")]).toEqual([false, false]);
    expect(p.read(".installed.cfg")).toContain("parts = first\n");
  });

  test("by a kill is repaired by the next run", async () => {
    const p = project(files);
    expect(await stop(p, "SIGKILL")).toBe("SIGKILL");
    expect(p.has("parts/slow/deep")).toBe(true);
    rmSync(p.path("wait"));
    expect(p.buildout()).toEqual({
      status: 0,
      out: "Updating first.\nInstalling slow.\n",
      err: "",
    });
    expect(p.buildout().out).toBe("Updating first.\nUpdating slow.\n");
  });

  test("by a kill at any moment is repaired by the next run", () => {
    const makes = `import { mkdirSync, writeFileSync } from "node:fs";
export default {
  description: "makes a folder that must not be there yet",
  install(part) {
    const folder = "parts/" + part.name;
    part.created(folder);
    mkdirSync(folder);
    for (let i = 0; i < 20; i++) writeFileSync(folder + "/" + i, part.options.get("text"));
    return folder;
  },
  update() {},
};`;
    const parts = Array.from({ length: 8 }, (_, i) => `p${i}`);
    const cfg = (text: string) =>
      `[buildout]\nparts = ${parts.join(" ")}\n${parts.map((name) => `[${name}]\nrecipe = ./m.js\ntext = ${text}\n`).join("")}`;
    const p = project({ "m.js": makes });
    const run = (timeout?: number) => {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [command], {
        cwd: p.directory,
        env: environment(p.directory),
        encoding: "utf8",
        timeout,
        killSignal: "SIGKILL",
      });
      return { status, stderr, milliseconds: performance.now() - start };
    };
    p.write("buildout.cfg", cfg("first"));
    const whole = run().milliseconds;
    const moments = Array.from({ length: 10 }, (_, i) => (whole * (i + 5)) / 16);
    for (const [round, moment] of moments.entries()) {
      p.write("buildout.cfg", cfg(`text ${round}`));
      run(Math.round(moment));
      const { status, stderr } = run();
      expect([status, stderr]).toEqual([0, ""]);
      for (const name of parts) expect(p.read(`parts/${name}/19`)).toBe(`text ${round}`);
      expect(p.has(".installed.cfg.pending")).toBe(false);
    }
  });
});
