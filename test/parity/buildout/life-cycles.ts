/**
 * Life cycles of a buildout, as data: a user's changes, and the runs after them. Each is run with both
 * engines; `compare.ts` defines what must be equal.
 */
import { join } from "node:path";
import { change, type Subject } from "./compare.ts";

/** Path -> its text; null removes the file or directory. */
export type Changes = Readonly<Record<string, string | null>>;

export interface Step {
  readonly change?: Changes;
  /** Arguments of bin/buildout. */
  readonly run: readonly string[];
  /** The recipe may kill its process: output and status then differ between engines. */
  readonly killed?: boolean;
  /** All output is compared, not only that about parts. */
  readonly whole?: boolean;
}

export type LifeCycle = readonly Step[];

/** A recipe that does what its options say, in a develop package that needs no build. */
const recipe: Changes = {
  "recipes/lifecycle.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: lifecycle\nVersion: 1\n",
  "recipes/lifecycle.egg-info/entry_points.txt": [
    "[zc.buildout]",
    "default = lifecycle:Files",
    "returns = lifecycle:Returns",
    "plain = lifecycle:Plain",
    "dump = lifecycle:Dump",
    "",
    "[zc.buildout.uninstall]",
    "default = lifecycle:gone",
    "",
  ].join("\n"),
  "recipes/lifecycle.py": `
import os


class Files(object):
    """Makes a directory with a file; fails where an option asks for it."""

    def __init__(self, buildout, name, options):
        self.options, self.name = options, name
        options["location"] = os.path.join(buildout["buildout"]["parts-directory"], name)
        if options.get("fail-init"):
            raise ValueError(options["fail-init"])

    def install(self):
        location = self.options["location"]
        if self.options.get("kill"):
            os.kill(os.getpid(), 9)
        if not os.path.isdir(location):
            os.makedirs(location)
        self.options.created(location)
        if self.options.get("fail"):
            raise ValueError(self.options["fail"])
        with open(os.path.join(location, "text"), "w") as file:
            file.write(self.options.get("text", ""))
        return self.options.created()

    def update(self):
        if self.options.get("fail-update"):
            raise ValueError(self.options["fail-update"])
        more = self.options.get("more")
        if more:
            open(more, "w").close()
            # All paths: an update that returns some of them differs on purpose.
            return [self.options["location"], more]


class Returns(object):
    """Returns what its option says: paths that it makes."""

    def __init__(self, buildout, name, options):
        self.options = options

    def install(self):
        paths = self.options["paths"].split()
        for path in paths:
            open(path, "w").close()
        return paths[0] if self.options.get("one") else paths

    update = install


class Plain(object):
    """Has no update method and returns nothing."""

    def __init__(self, buildout, name, options):
        self.options = options

    def install(self):
        with open("count", "a") as file:
            file.write("x")


class Dump(object):
    """Writes down its options."""

    def __init__(self, buildout, name, options):
        self.path = os.path.join(
            buildout["buildout"]["parts-directory"], name.replace("/", "_") + ".txt")
        self.text = "".join("%s = %r\\n" % (key, options[key]) for key in sorted(options))

    def install(self):
        with open(self.path, "wb") as file:
            file.write(self.text.encode("utf-8"))
        return self.path

    update = install


def gone(name, options):
    print("gone " + name)
`,
};

export function configuration(parts: string, sections: Readonly<Record<string, string>>): string {
  const texts = Object.entries(sections).map(([name, text]) => `[${name}]\n${text}\n`);
  return `[buildout]\nparts = ${parts}\n\n${texts.join("\n")}`;
}

/** A step that changes the configuration and runs the buildout. */
function configured(
  parts: string,
  sections: Readonly<Record<string, string>> = {},
  change: Changes = {},
): Step {
  return { change: { ...change, "buildout.cfg": configuration(parts, sections) }, run: [] };
}

export function lifeCycleSubject(name: string, lifeCycle: LifeCycle): Subject {
  return {
    name,
    // Nothing is looked for: the recipe is a develop package that needs no build.
    steps: lifeCycle.map((step) => ({ ...step, run: ["-o", ...step.run] })),
    prepare(directory) {
      change(directory, recipe);
      const link = `${join(directory, "recipes")}\n.`;
      change(directory, { "develop-eggs/lifecycle.egg-link": link });
    },
  };
}

const again: Step = { run: [] };
const files = (options = "") => `recipe = lifecycle\n${options}`;
const two = { a: files("text = one"), b: files("text = ${a:text}") };

export const lifeCycles: Readonly<Record<string, LifeCycle>> = {
  "install, update, uninstall": [configured("a", { a: files() }), again, configured(""), again],
  "changed option": [
    configured("a", { a: files("text = one") }),
    configured("a", { a: files("text = two") }),
    configured("a", { a: files("text = two\nmore-text = x") }),
    configured("a", { a: files() }),
  ],
  "option that follows another part": [
    configured("b", two),
    configured("b", { ...two, a: files("text = two") }),
  ],
  "parts in another order": [configured("a b", two), configured("b a", two)],
  "part removed, others stay": [configured("a b", two), configured("b", { b: files() })],
  "part renamed": [configured("a", { a: files() }), configured("z", { z: files() })],
  "part switched off": [configured("a", { a: files() }), configured("a", { a: "recipe =" })],
  "path removed by hand": [
    configured("a b", two),
    { change: { "parts/a": null }, run: [] },
    { change: { "parts/b/text": null }, run: [] },
  ],
  "failed installation": [
    configured("a b", { a: files(), b: files("fail = no") }),
    configured("a b", { a: files(), b: files() }),
  ],
  "failed reinstallation": [
    configured("a b", { a: files("text = one"), b: files() }),
    configured("a b", { a: files("text = two\nfail = no"), b: files() }),
    configured("a b", { a: files("text = two"), b: files() }),
  ],
  "failed initialization": [
    configured("a", { a: files() }),
    configured("a b", { a: files(), b: files("fail-init = no") }),
    configured("a b", { a: files(), b: files() }),
  ],
  "failed update": [
    configured("a b", { a: files("fail-update = no"), b: files() }),
    again,
    configured("a b", { a: files(), b: files() }),
  ],
  "update that makes more": [configured("a", { a: files("more = extra") }), again, configured("")],
  "only the parts named": [
    { ...configured("a b", two), run: ["install", "a"] },
    { ...configured("a b", { ...two, a: files("text = two") }), run: ["install", "b"] },
    again,
    { ...configured("b", { b: files() }), run: ["install", "b"] },
  ],
  "a part that is not there": [
    { ...configured("a", two), run: ["install", "nope"] },
    { ...configured("a nope", two), run: [] },
  ],
  "one path as a string": [
    configured("r", { r: "recipe = lifecycle:returns\npaths = one\none = yes" }),
    again,
    configured("r", { r: "recipe = lifecycle:returns\npaths = two three" }),
    configured(""),
  ],
  "no update method, nothing returned": [
    configured("p", { p: "recipe = lifecycle:plain" }),
    again,
    configured(""),
  ],
  "recipe changed": [
    configured("a", { a: files() }),
    configured("a", { a: "recipe = lifecycle:plain" }),
    configured("a", { a: files() }),
  ],
  "recipe without such an entry": [configured("a", { a: "recipe = lifecycle:nope" })],
  "values with blanks and lines": [
    configured("a", { a: files("text =\n    one\n      two\n\n    three") }),
    again,
    configured("a", { a: files("text = one $${two} %(three)s") }),
    again,
  ],
  "dependencies between parts": [
    configured("c", { ...two, c: files("=> b") }),
    configured("c", { ...two, c: files() }),
  ],
  "options on the command line": [
    { ...configured("a", { a: files() }), run: ["a:text=line"] },
    again,
    { run: ["buildout:parts="] },
  ],
  "another record": [
    { ...configured("a", { a: files() }), run: ["buildout:installed=other.cfg"] },
    { run: ["buildout:installed="] },
    again,
  ],
  "moved directories": [
    configured("a", { a: files() }),
    { run: ["buildout:parts-directory=elsewhere"] },
    again,
  ],
  "extended files": [
    {
      change: {
        "base.cfg": configuration("a", { a: files("text = one") }),
        "buildout.cfg": "[buildout]\nextends = base.cfg\nparts += b\n[b]\n<= a\ntext += two\n",
      },
      run: [],
    },
    { change: { "base.cfg": configuration("", { a: files("text = three") }) }, run: [] },
  ],
  "circle of references": [configured("a", { a: files("text = ${a:other}\nother = ${a:text}") })],
  "option that is missing": [
    configured("a", { a: files() }),
    configured("a", { a: files("text = ${b:nope}"), b: files() }),
    again,
  ],
};
