/** The extension mr.developer, with small repositories next to the buildout. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { type Case, type Content, type Options, sectionText } from "../cases.ts";
import type { Place } from "../life.ts";
import { boolean, rarely } from "./values.ts";

const kinds = fc.constantFrom("git", "git", "git", "git", "fs", "hg", "nope", "bzr");

const url = fc.constantFrom(
  "@TOP@/repositories/one",
  "@TOP@/repositories/one",
  "@TOP@/repositories/two",
  "file://@TOP@/repositories/one",
  "@TOP@/repositories/missing",
  "two",
);

const keys = fc.uniqueArray(
  fc.constantFrom(
    ...[
      "branch=side",
      "branch=master",
      "branch=nosuch",
      "rev=v1",
      "rev=nosuch",
      "revision=v1",
      "tag=v1",
    ],
    ...[
      "path=lib",
      "full-path=lib/whole",
      "path=${buildout:directory}/abs",
      "full-path=../outside",
    ],
    ...[
      "egg=false",
      "egg=false",
      "egg=no",
      "egg=true",
      "egg=other",
      "update=true",
      "update=false",
      "update=maybe",
    ],
    ...[
      "depth=1",
      "depth=x",
      "submodules=never",
      "submodules=always",
      "submodules=other",
      "pushurl=git@x:y",
      "unknown=1",
    ],
    ...["lib", "", "=x", "name=z"],
  ),
  { maxLength: 3, selector: (key) => key.replace(/=.*/, "") },
);

const source = fc
  .record({ kind: kinds, url, keys, egg: fc.boolean(), order: fc.boolean() })
  .map(({ kind, url: where, keys: its, egg, order }) => {
    const all = egg && !its.some((key) => key.startsWith("egg=")) ? [...its, "egg=false"] : its;
    const words = order ? [kind, where, ...all] : [kind, where, ...[...all].reverse()];
    return words.filter(Boolean).join(" ");
  });

const sources = fc.record({
  one: fc.oneof(
    { arbitrary: source, weight: 12 },
    { arbitrary: fc.constantFrom("", "git", "one"), weight: 1 },
  ),
  two: fc.option(
    fc.constantFrom(
      "git @TOP@/repositories/two egg=false",
      "fs two egg=false",
      "git @TOP@/repositories/two",
    ),
    { nil: undefined },
  ),
});

const buildout = fc.record({
  "auto-checkout": fc.constantFrom(
    undefined,
    "",
    "one",
    "one",
    "one",
    "*",
    "one two",
    "three",
    "\none\ntwo\nthree four",
  ),
  "always-checkout": rarely(fc.oneof(boolean, fc.constantFrom("force")), 0),
  "sources-dir": rarely(fc.constantFrom("src", "vendor", "${buildout:directory}/abs", "."), 2),
  sources: rarely(fc.constantFrom("sources", "others", "nosuch"), 4),
  "update-git-submodules": rarely(fc.constantFrom("always", "checkout", "never", "other"), 3),
  "git-clone-depth": rarely(fc.constantFrom("1", "x", ""), 4),
  "mr.developer-threads": rarely(fc.constantFrom("1", "5", "x", "0"), 4),
  "mr.developer-verbose": rarely(boolean, 4),
  "always-accept-server-certificate": rarely(boolean, 4),
  develop: rarely(fc.constantFrom("dev", "dev/", "dev one"), 4),
  versions: rarely(fc.constant("versions"), 2),
});

const configured = fc.constantFrom<Record<string, Content>>(
  ...Array(8).fill({}),
  { ".mr.developer.cfg": "[develop]\none = true\n" },
  { ".mr.developer.cfg": "[develop]\none = false\ntwo = auto\n" },
  { ".mr.developer.cfg": "[develop]\none = what\n" },
  { ".mr.developer-options.cfg": "[mr.developer]\nrewrites = two one\n" },
  { ".mr.developer-options.cfg": "[rewrites]\nr =\n  url ~ two$\n  one\n" },
  { ".mr.developer-options.cfg": "[mr.developer]\nthreads = x\n" },
  { ".mr.developer-options.cfg": "[develop]\none = true\n" },
);

export const checkouts: fc.Arbitrary<Case> = fc
  .record({
    files: configured,
    first: fc.tuple(buildout, sources),
    second: fc.tuple(buildout, sources),
    dirty: rarely(fc.constantFrom("src/one/text", "src/one/new"), 2),
  })
  .map(({ files, first, second, dirty }) => {
    const text = ([options, its]: readonly [Options, Options]) =>
      [
        sectionText("buildout", { extensions: "mr.developer", parts: "", ...options }),
        sectionText("sources", its),
        sectionText("versions", { one: "1.0" }),
      ].join("\n");
    const dev = { "dev/setup.py": "from setuptools import setup\nsetup(name='dev')\n" };
    return [
      {
        ...files,
        ...(first[0].develop || second[0].develop ? dev : {}),
        "buildout.cfg": text(first),
      },
      dirty ? { [dirty]: "dirty\n" } : {},
      { "buildout.cfg": text(second) },
    ];
  });

/** Two commits, a branch and a tag in each of two repositories. */
const MAKE = `set -e
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE='2001-02-03T04:05:06Z' GIT_COMMITTER_DATE='2001-02-03T04:05:06Z'
for name in one two; do
  git init -q -b master repositories/$name
  cd repositories/$name
  printf "from setuptools import setup\\nsetup(name='$name', version='1.0')\\n" > setup.py
  echo first > text
  git add .
  git commit -q -m first
  git tag v1
  git branch side
  echo second > text
  git commit -q -a -m second
  cd ../..
done
`;

export function repositories({ top }: Place): readonly string[] {
  if (!existsSync(`${top}/repositories`)) execFileSync("sh", ["-c", MAKE], { cwd: top });
  return ["buildout:offline=false"];
}
