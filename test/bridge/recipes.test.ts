import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { pythonProject } from "../support/bridge-project.ts";

/** Options of a part as .installed.cfg remembers them. */
function remembered(text: string, part: string): Record<string, string> {
  const section = text.split(`[${part}]\n`)[1]!.split(/\n\[|$(?!\n)/)[0]!;
  return Object.fromEntries(
    section
      .trimEnd()
      .split(/\n(?!\t)/)
      .map((line) => line.split(/ = ?(.*)/s) as [string, string]),
  );
}

describe("a recipe in Python", () => {
  test("makes directories, owns what it created, and logs", async () => {
    const p = pythonProject(
      ["folders"],
      "parts = data\n[data]\nrecipe = demo.recipe.folders\npaths =\n  var/a\n  var/b\nmode = 700\n",
    );
    expect(await p.buildout()).toEqual({
      status: 0,
      out: "Installing data.\ndata: created path: /p/var/a\ndata: created path: /p/var/b\n",
      err: "",
    });
    const part = remembered(p.read(".installed.cfg").replaceAll(p.directory, "/p"), "data");
    expect(part).toMatchObject({
      __buildout_installed__: "/p/var/a\n\t/p/var/b",
      location: "/p/var/a",
      mode: "700",
      paths: "/p/var/a\n\t/p/var/b",
    });
    expect(part.__buildout_signature__).toMatch(/^demo\.recipe\.folders-[0-9a-f]{32}$/);
    expect((await p.buildout()).out).toBe("Updating data.\n");
    const { out } = await p.buildout("data:paths=var/c");
    expect(out).toBe("Uninstalling data.\nInstalling data.\ndata: created path: /p/var/c\n");
    expect([p.has("var/a"), p.has("var/c")]).toEqual([false, true]);
  });

  test("is reinstalled when its code has changed", async () => {
    const p = pythonProject(["folders"], "parts = data\n[data]\nrecipe = demo.recipe.folders\n");
    await p.buildout();
    expect((await p.buildout()).out).toBe("Updating data.\n");
    p.write(
      "src/folders/demo_recipe_folders.py",
      `${p.read("src/folders/demo_recipe_folders.py")}\n`,
    );
    expect((await p.buildout()).out).toContain("Uninstalling data.\nInstalling data.\n");
  });

  test("reports a user's mistake without a traceback", async () => {
    const p = pythonProject(
      ["folders"],
      "parts = data\n[data]\nrecipe = demo.recipe.folders\nmode = rwx\n",
    );
    const { status, err } = await p.buildout();
    expect(status).toBe(1);
    expect(err).toBe(
      "While:\n  Installing.\n  Getting section data.\n  Initializing section data.\n" +
        "Error: Not a mode: 'rwx'\n  at buildout.cfg:6\n",
    );
  });

  test("runs programs whose output appears in order with the log and its own output", async () => {
    const p = pythonProject(
      ["command"],
      "parts = one two\n[one]\nrecipe = demo.recipe.command\ncommand = echo from the shell; echo x > made\n" +
        "location = made\nupdate-command = echo again\n[two]\nrecipe = demo.recipe.command\n" +
        "command = false\nstop-on-error = true\n",
    );
    const { out, err } = await p.buildout();
    expect(out).toBe(
      "Installing one.\none: Running 'echo from the shell; echo x > made'\nfrom the shell\n" +
        "Installing two.\ntwo: Running 'false'\n",
    );
    expect(err).toBe(
      "While:\n  Installing two.\nError: Non zero exit code (1) while running command.\n  at buildout.cfg:11\n",
    );
    const again = await p.buildout("install", "one");
    expect(again.out).toBe("Updating one.\none: Running 'echo again'\nagain\n");
  });

  test("follows log-format and verbosity", async () => {
    const p = pythonProject(
      ["folders"],
      "parts = data\nlog-format = %(levelname)s|%(name)s|%(message)s\n[data]\nrecipe = demo.recipe.folders\n",
    );
    expect((await p.buildout()).out).toContain("INFO|data|created path: /p/parts/data\n");
    expect((await p.buildout("-q", "data:x=1")).out).toBe("");
  });

  test("changes the environment of later recipes and of the engine's own processes", async () => {
    const p = pythonProject(
      ["environment", "command"],
      "parts = env show native\n[env]\nrecipe = demo.recipe.environment\nDEMO_SET = from the cfg\n" +
        "DEMO_GONE =\npublish = DEMO_GIVEN\n" +
        '[show]\nrecipe = demo.recipe.command\ncommand = echo "<$DEMO_SET|$DEMO_GONE>"\n' +
        "[native]\nrecipe = plone.recipe.command\n" +
        'command = echo "<${env:DEMO_GIVEN}|$DEMO_SET|$DEMO_GONE>"\n',
      { DEMO_GIVEN: "given", DEMO_GONE: "there" },
    );
    const { out, err } = await p.buildout();
    expect(err).toBe("");
    expect(out).toContain("\n<from the cfg|>\n");
    expect(out).toContain("\n<given|from the cfg|>\n");
  });

  test("publishes options for parts that refer to it, and is uninstalled by its own function", async () => {
    const p = pythonProject(
      ["deployment"],
      "parts = conf\n[site]\nrecipe = zc.recipe.demodeployment\n" +
        "[conf]\nrecipe = zc.recipe.demodeployment:configuration\ndeployment = site\n" +
        "name = site.conf\ntext = log ${site:log-directory}\n",
    );
    expect((await p.buildout()).out).toContain("Installing site.\nInstalling conf.\n");
    expect(p.read("root/etc/site/site.conf")).toBe(`log ${p.directory}/root/log/site\n`);
    expect((await p.buildout()).out).toBe("Updating site.\nUpdating conf.\n");
    const { out, err } = await p.buildout("buildout:parts=");
    expect(err).toBe("");
    expect(out).toBe(
      "Uninstalling conf.\nUninstalling site.\nRunning uninstall recipe.\n" +
        "folders of site: etc log run\n",
    );
    expect(p.has("root/etc/site")).toBe(false);
  });

  test("keeps paths that its uninstall recipe removes from the record", async () => {
    const p = pythonProject([], "parts = kept\n[kept]\nrecipe = keeper\n");
    p.write("keeper/keeper.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: keeper\nVersion: 1\n");
    p.write(
      "keeper/keeper.egg-info/entry_points.txt",
      "[zc.buildout]\ndefault = keeper:Keeper\n[zc.buildout.uninstall]\ndefault = keeper:gone\n",
    );
    p.write(
      "keeper/keeper.py",
      `class Keeper:
    def __init__(self, buildout, name, options): pass
    def install(self):
        for path in "data", "cache": open(path, "w").close()
        return "data", "cache"
    def update(self): pass
def gone(name, options):
    print(sorted(options.items())[0], options["__buildout_signature__"][:7])
    options["__buildout_installed__"] = "cache"
`,
    );
    p.write("develop-eggs/keeper.egg-link", `${p.path("keeper")}\n.`);
    await p.buildout();
    const { out, err } = await p.buildout("buildout:parts=");
    expect([out, err]).toEqual([
      "Uninstalling kept.\nRunning uninstall recipe.\n" +
        "('__buildout_installed__', 'data\\ncache') keeper-\n",
      "",
    ]);
    expect([p.has("data"), p.has("cache")]).toEqual([true, false]);
  });

  test("uses options and sections as mappings, as in zc.buildout", async () => {
    const p = pythonProject(
      ["mapping"],
      "parts = m\n[versions]\npinned = 1.0\n[peer]\nb = value of b\n" +
        "[m]\nrecipe = demo.recipe.mapping\na = A\nref = ${peer:b}\nyes = true\n",
    );
    const { err, status } = await p.buildout();
    expect([err, status]).toEqual(["", 0]);
    const seen = JSON.parse(p.read("parts/m.json").replaceAll(p.directory, "/p"));
    expect(seen).toEqual({
      get: ["A", null, "default"],
      in: [true, false, true, false],
      missing: "MissingOption: Missing option: m:nope",
      "missing section": "MissingSection: The referenced section, 'nope', was not defined.",
      "get section": "default",
      "not text": "TypeError: ('Option values must be strings', 1)",
      setdefault: ["A", "y"],
      pop: ["1", null],
      del: "KeyError: 'u2'",
      keys: ["a", "added", "made", "recipe", "ref", "yes"],
      len: true,
      items: ["A"],
      copy: "value of b",
      sub: "<A|value of b|$$A>",
      "bad sub": "MissingOption: Referenced option does not exist: peer nope",
      names: ["m", true, true],
      early: "TypeError: ('Attempt to register a created path while not installing', 'm')",
      new: ["A!", "3"],
      again: "KeyError: ('Section already exists', 'new')",
      parsed: ["A!", ["one", "two"]],
      "parsed child": "child of buildout",
      conditional: false,
      "parse again": "KeyError: ('Section already exists', 'new')",
      sections: ["buildout", "m", "new", "parsed", "peer"],
      settings: [false, false, "1.0"],
      path: true,
      raw: ["value of b", "${peer:b}"],
      bool: [true, false, "UserError: Invalid value for 'a' option: 'A'"],
      old: [true, false, true],
      delete: "NotImplementedError: __delitem__",
      own: ["value of b", "plain", "MissingOption: Missing option: own:z"],
      created: [["/p/parts/m.json"], true],
    });
    const installed = p.read(".installed.cfg");
    expect(installed).toContain("parts = parsed m\n");
    expect(remembered(installed, "m")).toMatchObject({ added: "y", made: "m", ref: "value of b" });
    expect(remembered(installed, "parsed")).toMatchObject({ child: "child of buildout", v: "A!" });
  });

  test("writes several files; if it fails in the middle, all of them are removed", async () => {
    const p = pythonProject(
      ["files"],
      "parts = f\n[f]\nrecipe = demo.recipe.files\nfiles =\n  one text 1\n  two text 2\n",
    );
    await p.buildout();
    expect([p.read("one"), p.read("two")]).toEqual(["text 1", "text 2"]);
    expect(remembered(p.read(".installed.cfg"), "f").__buildout_installed__).toBe("one\n\ttwo");
    const { err } = await p.buildout("f:files=three x\nfour FAIL");
    expect(err).toContain(
      "Error: The recipe demo.recipe.files of part f failed: RuntimeError: cannot write four\n" +
        "  at src/files/demo_recipe_files.py:",
    );
    expect(["one", "three", "four"].map(p.has)).toEqual([false, false, false]);
  });

  test("updates something that it does not own, and undoes that", async () => {
    const p = pythonProject(
      ["files"],
      "parts = a b\n[a]\nrecipe = demo.recipe.files:lines\nfile = hosts\nline = 1\n" +
        "[b]\n<= a\nline = 2\n",
    );
    p.write("hosts", "own 0\n");
    await p.buildout();
    expect(p.read("hosts")).toBe("own 0\na 1\nb 2\n");
    p.write("hosts", "own 0\nb 2\n");
    await p.buildout();
    expect(p.read("hosts")).toBe("own 0\nb 2\na 1\n");
    expect((await p.buildout("buildout:parts=b")).out).toContain("Running uninstall recipe.\n");
    expect(p.read("hosts")).toBe("own 0\nb 2\n");
  });
});

describe("zc.recipe.egg and easy_install", () => {
  test("a recipe built on zc.recipe.egg writes scripts that run", async () => {
    const p = pythonProject(
      ["scripts"],
      "parts = app\n[app]\nrecipe = demo.recipe.scripts\neggs = demo.recipe.scripts\n" +
        "setting = it's set\narguments = 'you'\ninterpreter = py\nextra-paths = lib\n",
    );
    const { out, err } = await p.buildout();
    expect(err).toBe("");
    expect(out).toMatch(
      /^Installing app\.\nGetting distribution for 'zc\.buildout.*\nThe scripts of app can't import zc\.buildout: .*\n/,
    );
    expect(out).toContain(
      "\nGenerated script '/p/bin/demo-hello'.\nGenerated interpreter '/p/bin/py'.\n",
    );
    expect(execFileSync(p.path("bin/demo-hello"), { encoding: "utf8" })).toBe(
      "hello you it's set\n",
    );
    const code = "import sys, demo_hello; print(sys.argv[1] in sys.path)";
    expect(execFileSync(p.path("bin/py"), ["-c", code, p.path("lib")], { encoding: "utf8" })).toBe(
      "True\n",
    );
    const part = remembered(p.read(".installed.cfg"), "app");
    expect(part).toMatchObject({
      "bin-directory": p.path("bin"),
      _b: p.path("bin"),
      "eggs-directory": p.path("eggs/v5"),
      "extra-paths": p.path("lib"),
      __buildout_installed__: `${p.path("bin/demo-hello")}\n\t${p.path("bin/py")}`,
    });
    expect((await p.buildout()).out).not.toContain("Generated");
  });

  test("zc.recipe.egg itself is the facade if native-recipes leaves it to Python", async () => {
    const p = pythonProject(
      ["scripts"],
      "native-recipes = false\nparts = app\n[app]\nrecipe = zc.recipe.egg\n" +
        "eggs = demo.recipe.scripts\nscripts = demo-hello=hi\nentry-points = more=demo_hello:hello\n",
    );
    const { err } = await p.buildout();
    expect(err).toBe("");
    expect(execFileSync(p.path("bin/hi"), { encoding: "utf8" })).toBe("hello \n");
    expect([p.has("bin/more"), p.has("bin/demo-hello")]).toEqual([false, false]);
    expect(p.read(".installed.cfg")).toContain("__buildout_signature__ = zc.recipe.egg-");
    expect((await p.buildout("app:entry-points=nonsense")).err).toContain(
      "Error: Invalid entry point\n",
    );
    expect((await p.buildout("app:recipe=zc.recipe.egg:egs")).err).toContain(
      "Error: zc.recipe.egg has no recipe 'egs'.\n  at COMMAND_LINE_VALUE\n  Did you mean 'eggs'?\n",
    );
  });

  test("a working set can be inspected", async () => {
    const p = pythonProject(
      ["scripts"],
      "parts = l\n[l]\nrecipe = demo.recipe.scripts:listing\neggs =\n",
    );
    expect((await p.buildout()).err).toBe("");
    expect(p.read("parts/l.txt")).toMatch(
      /^requirements: \ndemo\.recipe\.scripts 1\.0 True\nentries: True\nscripts: demo-hello\nexecutable: python/,
    );
  });

  test("easy_install installs and writes scripts, also from the recipe's own template", async () => {
    const p = pythonProject(
      ["scripts"],
      "parts = plain shaped\n[plain]\nrecipe = demo.recipe.scripts:plain\n" +
        "[shaped]\nrecipe = demo.recipe.scripts:shaped\n",
    );
    expect((await p.buildout()).err).toBe("");
    const say = (name: string) => execFileSync(p.path(`bin/${name}`), { encoding: "utf8" });
    expect(say("plain")).toBe("hello from plain \n");
    expect(say("shaped")).toBe("hello 100% from plain \n");
    expect(p.read("bin/shaped")).toMatch(
      /^#!\/\S*python\S*\nimport sys\nsys\.path\[0:0\] = \[\n {2}'/,
    );
    expect(p.has("bin/py-plain")).toBe(true);
  });
});

describe("zc.recipe.egg's Develop", () => {
  test("in a recipe built on it develops a package that later parts find", async () => {
    const p = pythonProject(
      ["scripts", "folders"],
      "parts = own data\n[own]\nrecipe = demo.recipe.scripts:developed\nsetup = src/folders\n" +
        "define = X=1\n[data]\nrecipe = demo.recipe.scripts:listing\neggs = demo.recipe.folders\n",
    );
    p.write(
      "buildout.cfg",
      p.read("buildout.cfg").replace("src/scripts src/folders", "src/scripts"),
    );
    const { out, err } = await p.buildout("-o");
    expect(err).toBe("");
    expect(out).toMatch(/\ndeveloped .*demo\.recipe\.folders\.egg-link\n/);
    expect(p.read("parts/data.txt")).toContain("\ndemo.recipe.folders 1.0 True\n");
    expect(p.read(".installed.cfg")).toContain(`setup = ${p.path("src/folders")}\n`);
  });
});

describe("secrets in URLs", () => {
  test("of [buildout] are not recorded for a part", async () => {
    const p = pythonProject(
      ["scripts"],
      "parts = l\nindex = https://me:secret@127.0.0.1:9/simple\n" +
        "[l]\nrecipe = demo.recipe.scripts:listing\neggs =\n",
    );
    expect((await p.buildout("-o")).err).toBe("");
    expect(p.read(".installed.cfg")).toContain("index = https://127.0.0.1:9/simple\n");
    expect(p.read(".installed.cfg")).not.toContain("secret");
  });
});

describe("a download by a recipe", () => {
  const text = "what the URL holds\n";
  const md5 = createHash("md5").update(text).digest("hex");

  async function server() {
    const asked: string[] = [];
    const http = createServer((request, response) => {
      asked.push(request.url!);
      response.writeHead(request.url === "/gone" ? 404 : 200);
      response.end(text);
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void http.close());
    return { asked, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
  }
  const cfg = (url: string, more = "") =>
    `parts = f\n${more}[f]\nrecipe = demo.recipe.fetch\nurl = ${url}\n`;

  test("uses the cache, and verifies its checksum", async () => {
    const { asked, url } = await server();
    const p = pythonProject(["fetch"], cfg(`${url}/a.txt`, "download-cache = cache\n"));
    expect((await p.buildout(`f:md5sum=${md5}`)).out).toBe(
      `Installing f.\nDownloading ${url}/a.txt\n`,
    );
    expect([p.read("parts/f/file"), p.read("cache/demo/a.txt")]).toEqual([text, text]);
    await p.buildout(`f:md5sum=${md5}`, "f:filename=other", "-o");
    expect(p.read("parts/f/other")).toBe(text);
    expect(asked).toEqual(["/a.txt"]);
    const { err } = await p.buildout("f:md5sum=0");
    expect(err).toContain(
      `Error: MD5 checksum mismatch for cached download from '${url}/a.txt' at '/p/cache/demo/a.txt'\n`,
    );
    expect((await p.buildout("f:md5sum=0", "f:forgiving=true")).err).toBe("");
    await p.buildout("f:hash-name=true");
    const hashed = createHash("md5").update(`${url}/a.txt`).digest("hex");
    expect(p.read(`cache/demo/${hashed}`)).toBe(text);
  });

  test("that is impossible is reported", async () => {
    const { url } = await server();
    const p = pythonProject(["fetch"], cfg(`${url}/gone`));
    expect((await p.buildout()).err).toContain(
      `Error: Error downloading ${url}/gone: HTTP Error 404`,
    );
    expect((await p.buildout("-o")).err).toContain(
      `Error: Couldn't download '${url}/gone' in offline mode.\n`,
    );
    expect((await p.buildout("f:md5sum=1", `f:url=${url}/x`)).err).toContain(
      `Error: MD5 checksum mismatch downloading '${url}/x'\n`,
    );
    expect((await p.buildout(`f:url=${p.path("buildout.cfg")}`)).err).toBe("");
    expect((await p.buildout("buildout:download-cache=no/such", "f:url=/etc/hosts")).err).toBe("");
  });
});

describe("an extension in Python", () => {
  const cfg =
    "extensions = demo.sources\nparts = a\nsources-recipe = demo.recipe.command\n" +
    "[versions]\ndemo.recipe.command = 99\n[sources]\ndemo.recipe.command = other/command\n" +
    "[a]\nrecipe = demo.recipe.command\ncommand = true\n";

  test("develops packages, removes pins, adds a part, and is unloaded", async () => {
    const p = pythonProject(["sources"], cfg);
    const q = pythonProject(["command"], "parts =\n");
    p.write("other/command/pyproject.toml", q.read("src/command/pyproject.toml"));
    for (const file of ["__init__.py", "recipe/__init__.py", "recipe/command/__init__.py"]) {
      p.write(`other/command/src/demo/${file}`, q.read(`src/command/src/demo/${file}`));
    }
    const { out, err, status } = await p.buildout();
    expect([err, status]).toEqual(["", 0]);
    expect(out).toContain("demo.sources: Developing 'demo.recipe.command' from other/command\n");
    expect(out).toContain("developed src/sources\n/p/other/command\n");
    expect(out).toContain("demo.sources: Unloaded after _sources a\n");
    expect(p.read(".installed.cfg")).toContain("parts = _sources a\n");
  });

  test("that is unavailable is reported with its location", async () => {
    const p = pythonProject([], "parts =\nextensions = demo.sorces\n");
    const { err } = await p.buildout();
    expect(err).toContain(
      "  Loading extensions.\nError: Couldn't find the extension 'demo.sorces'.\n",
    );
    expect(err).toContain("  at buildout.cfg:5\n");
  });
});
