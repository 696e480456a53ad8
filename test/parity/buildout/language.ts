/**
 * Random configurations, the same ones for the same seed: everything in the language, and near misses. Each is
 * annotated, queried and run.
 */
import { change, type Subject } from "./compare.ts";
import { type Draw, drawing } from "./generated.ts";
import { type Changes, lifeCycleSubject } from "./life-cycles.ts";

const SECTIONS = ["a", "b", "c", "d", "x-y", "A", "Part.1", "q=r", "a-1", "üml"];
const OPTIONS = ["o1", "o2", "o3", "List", "long-name", "opt.x", "oo", "recipe-x"];
const FILES = ["base.cfg", "sub/one.cfg", "sub/two.cfg", "three.cfg"];

const WORDS = [
  ...["one", "two", "three", "x=1", "a;b", "p#q", '"q"', "it's", "k = v", "[br]", "-=", "+=", "<="],
  ...[
    "é",
    "back\\slash",
    "tab\there",
    "==1.0",
    "l:m",
    ";",
    "# no",
    " ; c",
    "a ; b",
    " # d",
    "%(x)s",
  ],
];
const DOLLARS = ["$$", "$", "$x", "%%", "}", "$${a:o1}", "$${HOME}"];
const MALFORMED = [
  "${",
  "${a}",
  "${a:b:c}",
  "${a:o 1}",
  "${ a:o1}",
  "${a:o1 }",
  "${:}",
  "${a:}",
  "$${",
];
const OWN = [
  "directory",
  "bin-directory",
  "parts-directory",
  "offline",
  "parts",
  "newest",
  "python",
];

const CONDITIONS = [
  ...[
    'python_version >= "3"',
    'python_version < "3"',
    'sys_platform == "linux"',
    "linux",
    "windows",
  ],
  ...["python3", "python2", "not linux", "sys.version_info[0] == 3", "linux and python3", "bits64"],
  ...["os_name == 'posix'", "cpython", "True", "1 == 2", "macosx or posix"],
  ...['implementation_name == "cpython"', 're.match("a","ab")', 'sys.platform.startswith("lin")'],
];
const SETTINGS = [
  ...[
    "log-level = WARNING",
    "newest = false",
    "show-picked-versions = true",
    "prefer-final = false",
  ],
  ...[
    "bin-directory = scripts",
    "parts-directory = ${buildout:directory}/pp",
    "installed = state.cfg",
  ],
  ...[
    "unknown-option = ${a:o1}",
    "relative-paths = true",
    "optional-extends = opt.cfg sub/nope.cfg",
  ],
];
const COMMENTS = ["# comment", "; comment", "", "   ", "\t", "  # c", "\f", "#"];

/** Lines that must not occur. */
const WRONG = [
  ...["with space = x", "rem x = 1", "REM y", "[with space]", "[a;b]", "[]", "= x", "[a"],
];

class Drawing {
  private readonly draw: Draw;
  private readonly sections: string[];

  constructor(draw: Draw) {
    this.draw = draw;
    const others = this.some(SECTIONS.slice(1), 2 + draw(4));
    this.sections = ["a", ...others];
  }

  private one<T>(values: readonly T[]): T {
    return values[this.draw(values.length)]!;
  }

  private some<T>(values: readonly T[], count: number): T[] {
    const left = [...values];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      return left.splice(this.draw(left.length), 1)[0]!;
    });
  }

  /** True in this many of a hundred cases. */
  private percent(share: number): boolean {
    return this.draw(100) < share;
  }

  private reference(): string {
    const kind = this.draw(100);
    if (kind < 25) return `\${:${this.one(OPTIONS.slice(0, 6))}}`;
    if (kind < 35) return `\${buildout:${this.one(OWN)}}`;
    if (kind < 40) return "${:_profile_base_location_}/x";
    if (kind < 43) return "${versions:p1}";
    if (kind < 50) return this.one(this.percent(10) ? MALFORMED : DOLLARS);
    return `\${${this.one(this.sections)}:${this.one(OPTIONS.slice(0, 5))}}`;
  }

  private word(): string {
    const kind = this.draw(100);
    if (kind < 14) return this.reference();
    return kind < 18
      ? `${this.reference()}${this.one(["/", "-", ""])}${this.reference()}`
      : this.one(WORDS);
  }

  private words(most: number): string {
    return Array.from({ length: this.draw(most) + 1 }, () => this.word()).join(" ");
  }

  private value(): string {
    const kind = this.draw(100);
    if (kind < 15) return "";
    if (kind < 55) return this.words(3);
    const indent = this.one(["    ", "  ", "\t", " ", "        "]);
    let text = this.percent(40) ? this.words(2) : "";
    for (let line = this.draw(5); line >= 0; line -= 1) {
      if (this.percent(7)) text += `\n${this.one(["# comment", "; comment", "  # in", "   ; in"])}`;
      if (this.percent(6)) text += `\n${this.one(["", " ", "\t"])}`;
      if (this.percent(5))
        text += `\n${indent}${this.one(["  deeper", "# not?", ";x", "[sec]", "= v"])}`;
      text += `\n${indent}${this.percent(15) ? " " : ""}${this.words(2)}`;
    }
    return text;
  }

  private option(): string {
    const plain = ["=", " =", "= ", " = ", " = ", "  =\t"];
    const changing = ["+=", " += ", "-=", " -= ", "+= "];
    const odd = [":", " : ", "==", "=+", "+ =", "- =", "=>", "?=", "+=+", "-=="];
    const operator = this.one(this.draw(300) === 0 ? odd : this.percent(62) ? plain : changing);
    return `${this.one(OPTIONS)}${operator}${this.value()}`;
  }

  private section(name: string): string[] {
    const blanks = `${this.percent(5) ? " " : ""}${name}${this.percent(5) ? " " : ""}`;
    const condition = this.percent(15)
      ? `${this.one([":", " :", ": "])}${this.one(CONDITIONS)}`
      : "";
    const behind = this.percent(8) ? this.one([" # comment", " ; comment", "#c", ";c", "  "]) : "";
    const lines = [`[${blanks}${condition}]${behind}`];
    const later = this.sections.slice(this.sections.indexOf(name) + (this.percent(90) ? 1 : 0));
    if (later.length > 0 && this.percent(25))
      lines.push(`<= ${this.some(later, 1 + this.draw(2)).join("\n   ")}`);
    for (let count = this.draw(6); count > 0; count -= 1) lines.push(this.option());
    // After a first option, an indented line continues its value.
    if (lines.length > 2 && this.percent(8)) lines.push(` ${this.option()}`);
    if (this.percent(20)) lines.splice(1 + this.draw(lines.length), 0, this.one(COMMENTS));
    if (this.draw(150) === 0) lines.push(this.one(WRONG));
    return lines;
  }

  private file(name: string, later: readonly string[]): string {
    const lines = this.percent(10) ? [this.one(["# head", "; head", "", "\f"])] : [];
    const up = name.includes("/") ? "../" : "";
    const extended = later.map((one) => `${up}${one}`);
    if (name === "buildout.cfg") {
      const parts = this.some(this.sections, this.draw(this.sections.length + 1));
      lines.push(
        "[buildout]",
        `extends = all.cfg ${this.some(extended, 1 + this.draw(3)).join("\n   ")}`,
      );
      lines.push(`parts ${this.one(["=", "+="])} ${parts.join(this.one([" ", "\n    "]))}`);
      if (this.percent(15)) lines.push(`parts -= ${this.one(this.sections)}`);
      if (this.percent(20)) lines.push(this.one(SETTINGS));
    } else if (this.percent(50)) {
      lines.push("[buildout]");
      if (extended.length > 0 && this.percent(60)) lines.push(`extends = ${this.one(extended)}`);
      if (this.percent(40)) lines.push(`parts ${this.one(["=", "+=", "-="])} a`);
    }
    for (const section of this.some(this.sections, 1 + this.draw(this.sections.length))) {
      lines.push(...this.section(section));
      if (this.percent(6)) lines.push(...this.section(section));
    }
    if (name === "buildout.cfg") {
      for (const section of this.sections) {
        if (this.percent(97)) lines.push(`[${section}]`, "recipe = lifecycle:dump");
      }
    }
    const text = `${lines.join("\n")}\n`;
    const kind = this.draw(100);
    if (kind < 6) return text.replaceAll("\n", "\r\n");
    if (kind < 8) return text.replaceAll("\n", "\r");
    return kind < 10 ? text.trimEnd() : text;
  }

  /** What all references can be met with, mostly. */
  private all(): string {
    const lines = this.sections.flatMap((section) => [
      `[${section}]`,
      ...OPTIONS.slice(0, 5).flatMap((option) =>
        this.percent(97) ? [`${option} = z${option}`] : [],
      ),
    ]);
    return `${[...lines, "[versions]", "p1 = 1"].join("\n")}\n`;
  }

  files(): Changes {
    const more = this.some(FILES, 1 + this.draw(3));
    const names = ["buildout.cfg", ...more];
    const files = Object.fromEntries(
      names.map((name, at) => [name, this.file(name, names.slice(at + 1))]),
    );
    return {
      ...files,
      "all.cfg": this.all(),
      ...(this.percent(50) && { "opt.cfg": "[a]\no1 += optional\n" }),
    };
  }

  /** Assignments on the command line. */
  assignments(): string[] {
    const values = [
      "cmd",
      "two words",
      "${buildout:directory}",
      "l1\nl2",
      "",
      "x=y",
      "$${z}",
      " lead",
    ];
    return Array.from({ length: Math.max(0, this.draw(5) - 2) }, () => {
      const section = this.one([...this.sections, "new"]);
      return `${section}:${this.one(OPTIONS)}${this.one(["=", "+=", "-="])}${this.one(values)}`;
    });
  }

  queries(): string[] {
    return [`${this.one(this.sections)}:${this.one(OPTIONS)}`, "parts"];
  }

  get names(): string[] {
    return this.sections;
  }
}

/** Subjects like those of life cycles; the whole output of a command is compared. */
export function languageSubjects(seed: number, count: number): Subject[] {
  return Array.from({ length: count }, (_, at) => {
    const drawn = new Drawing(drawing(seed * 1000 + at + 500_000));
    const files = drawn.files();
    const words = drawn.assignments();
    const steps = [
      ["annotate", ...drawn.names],
      ["-v", "annotate", ...drawn.names],
      ...drawn.queries().map((query) => ["query", query]),
    ].map((command) => ({ run: [...words, ...command], whole: true }));
    const subject = lifeCycleSubject(`language ${seed}/${at}`, [
      ...steps,
      { run: words },
      { run: words },
    ]);
    return {
      ...subject,
      prepare(directory) {
        subject.prepare(directory);
        change(directory, files);
      },
      isRough: true,
    };
  });
}
