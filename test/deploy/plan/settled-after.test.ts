import { expect, test } from "vitest";
import { settledAfter } from "../../../src/deploy/plan/settled-after.ts";
import { madeFile } from "../../../src/deploy/release/fileset.ts";
import { entryLine } from "../../../src/deploy/release/manifest.ts";

const OLD = "0123456789ab";
const NEW = "ba9876543210";
const numbered = { number: 3, id: OLD };
const way = { number: 4, again: false, base: 3, aside: false };
const facts = {
  settled: { id: OLD, paths: ["base.cfg", "parts", "templates/page.in", "/usr/bin/node"] },
  current: numbered,
  checkout: numbered,
  unfinished: false,
};
const configuration = (id: string, text: string) => madeFile(`web-${id}.cfg`, text);

/** After a change of `paths`, with other facts, another way, or another text of the configuration. */
function after(
  paths: readonly string[],
  {
    host = facts,
    going = way as typeof way | null,
    text = "same",
    links = [] as string[],
    drift = [] as string[],
  } = {},
) {
  const former = configuration(OLD, "same");
  const own = configuration(NEW, text);
  return settledAfter(host, {
    release: {
      id: NEW,
      configuration: own.path,
      files: [own, ...links.map((path) => ({ path, hash: "", kind: "link" as const }))],
    },
    way: going ?? undefined,
    before: new Map([[former.path, entryLine(former)]]),
    missing: [own.path, ...paths].map((path) => ({ path })),
    removed: [former.path],
    drift: drift.map((path) => ({ path })),
  });
}

test.each([["static/style.css"], ["templates/other.in"], ["part"], ["usr/bin/node"]])(
  "a change of %s needs no build",
  (path) => {
    expect(after([path])).toEqual({ id: NEW, paths: facts.settled.paths });
  },
);

test.each([
  ["a file that a build reads", "templates/page.in"],
  ["something in a directory that a build reads", "parts/web/x"],
  ["what has taken the place of a directory above", "templates"],
])("a change of %s needs a build", (_, path) => {
  expect(after(["static/style.css", path])).toBeUndefined();
});

test("a link at a path that a build reads needs a build after any change", () => {
  expect(after(["static/style.css"], { links: ["templates"] })).toBeUndefined();
  expect(after(["static/style.css"], { links: ["static/link"] })).toBeDefined();
});

test("a configuration with another text needs a build", () => {
  expect(after([], { text: "other" })).toBeUndefined();
});

test("only the release that was built last can be followed without a build", () => {
  expect(after([], { host: { ...facts, current: { number: 2, id: OLD } } })).toBeUndefined();
  expect(after([], { host: { ...facts, checkout: { number: 2, id: OLD } } })).toBeUndefined();
  expect(after([], { host: { ...facts, unfinished: true } })).toBeUndefined();
  expect(after([], { going: { ...way, again: true } })).toBeUndefined();
  expect(after([], { going: { ...way, aside: true } })).toBeUndefined();
  expect(after([], { going: { ...way, base: 2 } })).toBeUndefined();
});

test("a host that does not list what a build reads gets one", () => {
  const settled = { id: OLD, paths: undefined as unknown as string[] };
  expect(after([], { host: { ...facts, settled } })).toBeUndefined();
});

test("what others have changed needs a build if one reads it", () => {
  for (const going of [way, null]) {
    expect(after([], { going, drift: ["parts/web/x"] })).toBeUndefined();
    expect(after([], { going, drift: ["static/style.css"] })).toBeDefined();
  }
  expect(after([], { going: null, drift: [`web-${NEW}.cfg`] })).toBeUndefined();
  const settled = { id: OLD, paths: undefined as unknown as string[] };
  const host = { ...facts, settled };
  expect(after([], { going: null, host })).toBe(settled);
  expect(after([], { going: null, host, drift: ["static/style.css"] })).toBeUndefined();
});

test("a build that reads the whole buildout directory is needed after any change", () => {
  const host = { ...facts, settled: { id: OLD, paths: ["."] } };
  expect(after(["static/style.css"], { host })).toBeUndefined();
});

test("a release in place stays as it is", () => {
  expect(after([], { going: null })).toEqual(facts.settled);
});
