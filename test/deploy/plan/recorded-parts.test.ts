import { expect, test } from "vitest";
import { load } from "../../../src/config/merge/load.ts";
import { type RecordFacts, recordedParts } from "../../../src/deploy/plan/recorded-parts.ts";

const RECORD = `[buildout]
installed_develop_eggs =
parts = base web gone

[base]
__buildout_installed__ = /srv/app/parts/base
__buildout_signature__ = my.recipe-1.0-py3.egg
location = /srv/app/parts/base
recipe = my.recipe

[web]
__buildout_installed__ =
__buildout_signature__ = other.recipe-1.0-py3.egg
base = /srv/app/parts/base
eggs = one
	two
made-by-the-recipe = yes
port = 8080
recipe = other.recipe:web

[gone]
__buildout_installed__ =
__buildout_signature__ = my.recipe-1.0-py3.egg
recipe = my.recipe
`;

const WEB = `[web]
recipe = other.recipe:web
base = \${base:location}
eggs =
    one
    two
port = 8080
python = \${buildout:executable}
`;

async function planned(text: string, facts: Partial<RecordFacts> = {}) {
  const file = "/srv/app/host1-1.cfg";
  const configuration = await load({
    ...{ directory: "/srv/app", file, assignments: [], userDefaults: false, env: {} },
    overlay: new Map([[file, text]]),
  });
  const parts = recordedParts({
    ...{ record: RECORD, configuration, former: new Map(), changed: new Set<string>() },
    ...{ otherEngine: false, ...facts },
  });
  return parts.map(({ recipe: _, ...part }) => part);
}

const HEAD = "[buildout]\nparts = web\n[base]\nrecipe = my.recipe\n";

test("unchanged parts are updated, and parts that are no longer named are removed", async () => {
  expect(await planned(HEAD + WEB)).toEqual([
    { action: "uninstall", part: "gone" },
    { action: "update", part: "base" },
    { action: "update", part: "web" },
  ]);
});

test("options that differ, are new or were removed are a reason to reinstall", async () => {
  const text = HEAD + WEB.replace("8080", "8081").replace("base = ${base:location}\n", "new = 1\n");
  const former = new Map([["web", new Set(["port", "base"])]]);
  const parts = await planned(text, { former });
  expect(parts.find(({ part }) => part === "web")).toEqual({
    ...{ action: "reinstall", part: "web", recipeChanged: false },
    changes: [
      { option: "new", now: "1" },
      { option: "port", before: "8080", now: "8081" },
      { option: "base", before: "/srv/app/parts/base" },
    ],
  });
});

test("another version of a recipe is a reason to reinstall its parts", async () => {
  const parts = await planned(HEAD + WEB, { changed: new Set(["other-recipe"]) });
  expect(parts.slice(1)).toEqual([
    { action: "update", part: "base" },
    { action: "reinstall", part: "web", changes: [], recipeChanged: true },
  ]);
});

test("without a record all parts are new", async () => {
  expect(await planned(HEAD + WEB, { record: undefined })).toEqual([
    { action: "install", part: "base" },
    { action: "install", part: "web" },
  ]);
});
