import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { command, environment, project } from "../support/command-project.ts";
import { type EventLine, eventsIn } from "../support/events-schema.ts";
import { interruptedWriter } from "../support/stopped-reader.ts";

const RECIPE = `import { execFileSync } from "node:child_process";
export default {
  description: "says a lot",
  install(part) {
    console.log("from console");
    execFileSync("echo", ["from a child"], { stdio: "inherit" });
    part.log.info("from the log");
    part.log.debug("unseen");
    if (part.options.has("fail")) throw new Error("no good");
    if (part.options.has("exit")) process.exit(0);
    return [];
  },
  update() {},
};`;

const CFG = "[buildout]\nparts = web\n[web]\nrecipe = ./r.js\n";

const types = (events: EventLine[]) => events.map(({ type }) => type);

describe("buildout --json", () => {
  test("prints events alone, whatever recipes and their programs print", () => {
    const p = project({ "buildout.cfg": CFG, "r.js": RECIPE });
    const { status, out, err } = p.buildout("--json");
    expect(status).toBe(0);
    expect(err).toBe("from console\nfrom a child\n");
    const events = eventsIn(out, "buildout");
    expect(types(events).filter((type) => type !== "directory-creating")).toEqual([
      "configured",
      "part-installing",
      "log",
      "part-installed",
      "done",
    ]);
    expect(events.find(({ type }) => type === "log")).toMatchObject({
      part: "web",
      level: "info",
      message: "from the log",
    });
    expect(events.at(-1)).toMatchObject({ ok: true });
  });

  test("ends by Ctrl-C though nobody reads what it prints", async () => {
    const p = project({
      "buildout.cfg": CFG,
      "r.js": `export default { description: "says a lot", async install(part) {
        for (;;) { part.log.info("line"); await new Promise(setImmediate); } } };`,
    });
    const words = [command, "--json"];
    const env = environment(p.directory);
    const ended = await interruptedWriter(p.directory, process.execPath, words, env);
    expect(ended).toMatch(/^(SIGINT|status 130)$/);
  });

  test("reports the result of each part", () => {
    const p = project({ "buildout.cfg": CFG, "r.js": RECIPE });
    const first = eventsIn(p.buildout("--json", "web:x=1").out, "buildout");
    expect(first).toContainEqual(
      expect.objectContaining({ type: "unused-options", section: "web", options: ["x"] }),
    );
    p.buildout("-q");
    const again = eventsIn(p.buildout("install", "--json").out, "buildout");
    expect(types(again)).toEqual(["configured", "part-updating", "part-kept", "done"]);
    const changed = eventsIn(p.buildout("--json", "web:x=1").out, "buildout");
    expect(changed).toContainEqual(
      expect.objectContaining({ type: "part-uninstalling", part: "web", reason: "changed" }),
    );
    const gone = eventsIn(p.buildout("--json", "buildout:parts=").out, "buildout");
    expect(types(gone)).toEqual(["configured", "part-uninstalling", "part-uninstalled", "done"]);
  });

  test("ends a failing run with the error and the same status", () => {
    const p = project({ "buildout.cfg": `${CFG}fail = 1\n`, "r.js": RECIPE });
    const { status, out } = p.buildout("--json");
    expect(status).toBe(1);
    const events = eventsIn(out, "buildout");
    expect(events.at(-2)).toMatchObject({
      type: "error",
      code: "recipe-exception",
      file: "/p/r.js",
      while: ["Installing web."],
    });
    expect(events.at(-1)).toMatchObject({ type: "done", ok: false });
  });

  test("ends with an error if a recipe ends the process", () => {
    const p = project({ "buildout.cfg": `${CFG}exit = 1\n`, "r.js": RECIPE });
    const events = eventsIn(p.buildout("--json").out, "buildout");
    expect(types(events).slice(-2)).toEqual(["error", "done"]);
  });

  test("reports a wrong command line and configuration as events", () => {
    const p = project({ "buildout.cfg": "[buildout]\nparts = a\n[a\n" });
    for (const [words, code] of [
      [["--json"], "parse-error"],
      [["--json", "-c", "gone.cfg"], "missing-file"],
      [["--json", "instal"], "usage"],
      [["--version", "--json"], "usage"],
      [["install", "--json", "--help"], "usage"],
    ] as const) {
      const { status, out, err } = p.buildout(...words);
      expect([status !== 0, err]).toEqual([true, ""]);
      expect(eventsIn(out, "buildout").at(-2)).toMatchObject({ type: "error", code });
    }
  });

  test("bootstrap and init are reported, too", () => {
    const p = project();
    const events = eventsIn(p.buildout("--json", "init").out, "buildout");
    expect(types(events)).toContain("file-creating");
    expect(types(events)).toContain("script-generated");
    expect(types(eventsIn(p.buildout("--json", "bootstrap").out, "buildout"))).toEqual([
      "configured",
      "directory-creating",
      "done",
    ]);
  });

  test("-vv adds the configuration and lines of the log", () => {
    const p = project({ "buildout.cfg": CFG, "r.js": RECIPE });
    const events = eventsIn(p.buildout("-vv", "--json").out, "buildout");
    expect(events).toContainEqual(expect.objectContaining({ type: "log", level: "debug" }));
    const { sections } = events.find(({ type }) => type === "configuration") as never as {
      sections: { name: string; options: object }[];
    };
    expect(sections.at(-1)).toEqual({ name: "web", options: { recipe: "./r.js" } });
  });

  test("an interrupted run ends with an error", async () => {
    const waits = RECIPE.replace(
      'console.log("from console");',
      "return new Promise(() => { setInterval(() => {}, 1000); });",
    );
    const p = project({ "buildout.cfg": CFG, "r.js": waits });
    const child = spawn(process.execPath, [command, "--json"], {
      cwd: p.directory,
      env: environment(p.directory),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
      if (out.includes("part-installing")) child.kill("SIGTERM");
    });
    const status = await new Promise((resolve) => child.once("close", resolve));
    expect(status).toBe(143);
    expect(eventsIn(out, "buildout").at(-2)).toMatchObject({ type: "error", code: "interrupted" });
  });
});
