import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { install } from "../../../src/buildout/run/install.ts";
import { planInstall } from "../../../src/buildout/run/plan.ts";
import { load } from "../../../src/config/merge/load.ts";
import type { RecipeDefinition } from "../../../src/contract/recipe.ts";
import type { EngineEvent, PlannedPart } from "../../../src/events/engine.ts";
import { publicApi } from "../../../src/program/public-api.ts";
import { project } from "../../support/command-project.ts";
import { eventsIn } from "../../support/events-schema.ts";
import { scratchFiles } from "../../support/scratch.ts";

/** Creates a directory below the one in option `in`. */
const folder: RecipeDefinition = {
  description: "makes a folder",
  async install(part) {
    const path = join(part.options.get("in") ?? "parts", part.name);
    mkdirSync(path, { recursive: true });
    return [path];
  },
  update() {},
};

const NAMES = ["a", "b", "c", "d"];
/** Sections: which of the parts, each with the values of two options, one perhaps of another part. */
const configuration = fc
  .tuple(
    fc.shuffledSubarray(NAMES),
    fc.array(
      fc.record({
        value: fc.constantFrom("1", "2", "${a:value}", "${b:other}"),
        other: fc.constantFrom(undefined, "3", "x\ny"),
        in: fc.constantFrom(undefined, "parts/a", "parts/b"),
      }),
      { minLength: 4, maxLength: 4 },
    ),
  )
  .map(([parts, options]) => {
    const sections = NAMES.map((name, index) => {
      // Only references to the section before, so that there is no circle.
      const value = options[index]!.value.replace(
        /^\$.*/,
        index === 0 ? "4" : `\${${NAMES[index - 1]}:value}`,
      );
      const lines = Object.entries({ ...options[index], value }).flatMap(([option, text]) =>
        text === undefined ? [] : [`${option} = ${text.replaceAll("\n", "\n  ")}\n`],
      );
      return `[${name}]\nrecipe = folder\n${lines.join("")}`;
    });
    return `[buildout]\nparts = ${parts.join(" ")}\n${sections.join("")}`;
  });

/** Every path below a directory with kind, times and content. */
function tree(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, mtimeMs, ctimeMs } = lstatSync(path);
      const hash = entry.isFile()
        ? createHash("sha256").update(readFileSync(path)).digest("hex")
        : "";
      return [path, [mode, mtimeMs, ctimeMs, hash].join(" ")];
    }),
  );
}

async function requestFor(directory: string, report: (event: EngineEvent) => void) {
  const configuration = await load({
    directory,
    file: "buildout.cfg",
    assignments: [],
    userDefaults: false,
    env: { HOME: directory },
  });
  const recipes = new Map([["folder", async () => ({ default: folder })]]);
  return { configuration, report, recipes, api: publicApi };
}

/** What a run did with each part, in the form of a plan. */
function done(events: readonly EngineEvent[]): Pick<PlannedPart, "action" | "part">[] {
  const changed = new Set<string>();
  return events.flatMap((event): Pick<PlannedPart, "action" | "part">[] => {
    if (event.type === "part-uninstalling") {
      if (event.reason === "unwanted") return [{ action: "uninstall", part: event.part }];
      changed.add(event.part);
    }
    if (event.type === "part-updating") return [{ action: "update", part: event.part }];
    if (event.type !== "part-installing") return [];
    return [{ action: changed.has(event.part) ? "reinstall" : "install", part: event.part }];
  });
}

test("the run does what its plan says, and the plan changes nothing", async () => {
  const run = fc.record({
    text: configuration,
    lost: fc.subarray(NAMES),
    only: fc.subarray(NAMES),
  });
  const before = process.cwd();
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 2, maxLength: 4 }), async (runs) => {
      const files = scratchFiles();
      for (const { text, lost, only } of runs) {
        files.write("buildout.cfg", text);
        for (const name of lost) {
          rmSync(files.path(`parts/${name}`), { recursive: true, force: true });
        }
        const earlier = tree(files.directory);
        const events: EngineEvent[] = [];
        const request = await requestFor(files.directory, (event) => void events.push(event));
        const { parts } = await planInstall(request, only);
        expect(tree(files.directory)).toEqual(earlier);
        expect(events.filter(({ type }) => type !== "warning")).toEqual([]);
        await install(await requestFor(files.directory, request.report), only);
        expect(parts.map(({ action, part }) => ({ action, part }))).toEqual(done(events));
      }
    }),
    { numRuns: 60 },
  );
  process.chdir(before);
});

describe("buildout install --plan", () => {
  const CFG = `[buildout]
parts = web cache
develop = app
find-links =
index = http://127.0.0.1:9/none

[web]
recipe = collective.recipe.template
inline = port \${:port}
output = \${buildout:directory}/web.txt
port = 8080

[cache]
recipe = collective.recipe.template
inline = cache
output = \${buildout:directory}/cache.txt
`;
  const APP =
    '[project]\nname = "app"\nversion = "1.0"\n[build-system]\nrequires = ["setuptools"]\n';

  test("shows each part with its changes, and leaves everything as it is", () => {
    const p = project({ "buildout.cfg": CFG, "app/pyproject.toml": APP });
    const first = p.buildout("install", "--plan", "--detailed-exitcode");
    expect(first).toEqual({
      status: 2,
      err: "",
      out: `Parts     + web (collective.recipe.template)
          + cache (collective.recipe.template)
Develop   + /p/develop-eggs/__editable__.app-1.0.pth
          + /p/develop-eggs/app-1.0.dist-info
          + /p/develop-eggs/app.egg-link
Parts: 2 to install. Develop links: 3 to make. Nothing was changed.
`,
    });
    expect(readdirSync(p.directory).sort()).toEqual(["app", "buildout.cfg"]);
    expect(p.buildout("-q").status).toBe(0);
    const earlier = tree(p.directory);
    const same = p.buildout("install", "--plan", "--detailed-exitcode");
    expect([same.status, same.out]).toEqual([
      0,
      "Parts     = web, cache\nNothing to do. Nothing was changed.\n",
    ]);
    const changed = p.buildout("web:port=8090", "buildout:parts=web", "install", "--plan");
    expect([changed.status, changed.out]).toEqual([
      0,
      `Parts     - cache (collective.recipe.template)
          ~ web (collective.recipe.template)
              inline: port 8080 -> port 8090
              port: 8080 -> 8090
Parts: 1 to reinstall, 1 to uninstall. Nothing was changed.
`,
    ]);
    expect(tree(p.directory)).toEqual(earlier);
    // A package that only its setup.py knows is run by a build, but not by a plan.
    p.write("old/setup.py", "from setuptools import setup\nsetup(name='old', version='1.0')\n");
    const asked = p.buildout("buildout:develop=app old", "install", "--plan");
    expect([asked.status, asked.out]).toEqual([
      0,
      expect.stringContaining(
        "Develop   ? /p/old (its name is known once it is built)\nDevelop packages: 1 to build. Nothing was changed.\n",
      ),
    ]);
    expect(readdirSync(p.path("old"))).toEqual(["setup.py"]);
    rmSync(p.path("old"), { recursive: true });
    expect(tree(p.directory)).toEqual(earlier);
  });

  test("shows only the changed lines of a long value", () => {
    const inline = (text: string) =>
      `[buildout]\nparts = web\n[web]\nrecipe = collective.recipe.template\noutput = out\ninput = inline:\n  ${text}\n`;
    const p = project({ "buildout.cfg": inline("same\n  one\n  last") });
    expect(p.buildout("-q").status).toBe(0);
    p.write("buildout.cfg", inline("same\n  two\n  more\n  last"));
    expect(p.buildout("install", "--plan").out).toBe(`Parts     ~ web (collective.recipe.template)
              input:
            -one
            +two
            +more
Parts: 1 to reinstall. Nothing was changed.
`);
  });

  test("lists recipes that are unknown until they are installed", () => {
    const p = project({ "buildout.cfg": `${CFG}[new]\nrecipe = not.installed.yet\n` });
    const { status, out } = p.buildout(
      ...["buildout:develop=", "buildout:parts=web new", "install", "--plan"],
    );
    expect(status).toBe(0);
    expect(out).toContain("+ new (not.installed.yet)\n");
    expect(out).toContain("options not known yet: Couldn't find a recipe for 'not.installed.yet'.");
    expect(readdirSync(p.directory)).not.toContain("eggs");
  });

  test("--json prints an event, without logins in URLs", () => {
    const p = project({ "buildout.cfg": CFG.replace("develop = app\n", "") });
    p.buildout("-q", "web:port=http://me:secret@example.org/1");
    const { status, out } = p.buildout(
      "web:port=http://me:secret@example.org/2",
      ...["install", "--plan", "--json"],
    );
    expect(status).toBe(0);
    const [plan] = eventsIn(out, "buildout");
    expect(plan).toMatchObject({
      type: "plan",
      parts: [
        {
          action: "reinstall",
          part: "web",
          changes: expect.arrayContaining([
            { option: "port", before: "http://example.org/1", now: "http://example.org/2" },
          ]),
        },
        { action: "update", part: "cache" },
      ],
    });
    expect(out).not.toContain("secret");
  });

  test("--detailed-exitcode without --plan is refused before anything happens", () => {
    const p = project({ "buildout.cfg": CFG });
    const { status, err } = p.buildout("install", "--detailed-exitcode");
    expect([status, err]).toEqual([2, expect.stringContaining("needs --plan")]);
    expect(readdirSync(p.directory)).toEqual(["buildout.cfg"]);
  });
});
