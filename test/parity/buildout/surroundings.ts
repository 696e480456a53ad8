/**
 * The environment of the generated configurations: the user's defaults, directories for downloads, eggs and
 * extended files, and files from other machines.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { change, type Subject } from "./compare.ts";
import { type Draw, drawing } from "./generated.ts";
import { languageSubjects } from "./language.ts";
import type { Changes, Step } from "./life-cycles.ts";

/** Serves the files of this machine, so that a buildout can extend its own by their addresses. */
const SERVER = `
const { createServer } = require("node:http");
const { readFileSync } = require("node:fs");
const server = createServer(({ url }, answer) => {
  try {
    answer.end(readFileSync(decodeURIComponent(url)));
  } catch {
    answer.writeHead(404).end();
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

interface FileServer {
  /** The address of the root of the file system. */
  readonly address: string;
  close(): void;
}

export async function serveFiles(): Promise<FileServer> {
  const child = spawn(process.execPath, ["-e", SERVER], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  return { address: `http://127.0.0.1:${Number(port)}`, close: () => child.kill() };
}

/** In a file: its own directory. In a step: unchanged. */
const FOLDER = "@FOLDER@";

const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  buildout: [
    "newest = false",
    "parts += a",
    "parts = b",
    "log-level = WARNING",
    `eggs-directory = ${FOLDER}/shared/eggs`,
    `download-cache = ${FOLDER}/shared/downloads`,
    `extends-cache = ${FOLDER}/shared/extended`,
    "abi-tag-eggs = true",
    "bin-directory = own-bin",
    "extends = more.cfg",
    "extends = absent.cfg",
    `extends = ${FOLDER}/base.cfg`,
    "offline = true",
  ],
  a: [
    "o1 = user",
    "o1 += user",
    "o2 -= za",
    "recipe = lifecycle:plain",
    "o3 = ${buildout:directory}",
  ],
  versions: ["p1 = 2", "p2 = 2"],
};

const CACHES = [
  "extends-cache = extended",
  `extends-cache = ${FOLDER}/extended`,
  "extends-cache = absent/extended",
  "extends-cache =",
  "download-cache = downloads",
  "download-cache = absent/downloads",
  "download-cache =",
  "eggs-directory = own-eggs",
  "eggs-directory = absent/eggs",
  "offline = true",
  "newest = false",
];

const WORDS: readonly (readonly string[])[] = [
  ["-o"],
  ["-U"],
  ["-N"],
  ["-oU"],
  ["buildout:extends-cache=other"],
  ["buildout:download-cache=other"],
  ["buildout:offline=true"],
  ["buildout:extends=three.cfg"],
  ["buildout:extends+=three.cfg"],
];

class Surroundings {
  private readonly draw: Draw;
  private readonly address: string;

  constructor(draw: Draw, address: string) {
    this.draw = draw;
    this.address = address;
  }

  private percent(share: number): boolean {
    return this.draw(100) < share;
  }

  private some<T>(values: readonly T[], most: number): T[] {
    const left = [...values];
    return Array.from({ length: this.draw(most + 1) }, () => {
      return left.splice(this.draw(left.length), 1)[0]!;
    });
  }

  private place(text: string, directory: string): string {
    return text.replaceAll(FOLDER, directory);
  }

  /** `extends` with some of its files by their addresses. */
  private extending(text: string, directory: string): string {
    const kinds = [this.address, this.address, "file://"];
    return text.replace(/^extends = .*(?:\n {3}.*)*/gm, (option) =>
      option.replace(/(?<= )[\w./]+\.cfg/g, (name) => {
        if (name.startsWith("..") || !this.percent(40)) return name;
        const missing = this.percent(4) ? "no-" : "";
        return `${kinds[this.draw(kinds.length)]}${directory}/${missing}${name}`;
      }),
    );
  }

  defaults(directory: string): Changes {
    if (!this.percent(70)) return {};
    const sections = Object.entries(DEFAULTS).map(
      ([name, options]) =>
        `[${name}]\n${this.some(options, 3)
          .map((option) => `${option}\n`)
          .join("")}`,
    );
    const file = { "default.cfg": this.place(sections.join(""), directory) };
    return { ...file, "more.cfg": "[buildout]\nunknown = more\n[a]\no1 = more\n" };
  }

  files(given: (name: string) => string, directory: string): Changes {
    const caches = this.some(CACHES, 3).map((line) => `${this.place(line, directory)}\n`);
    const [head = "", ...rest] = given("buildout.cfg").split(/^(?=parts )/m);
    const own = `${head}${caches.join("")}${rest.join("")}`;
    return {
      "buildout.cfg": this.extending(own, directory),
      "shared/.keep": "",
      "three.cfg": "[a]\no1 = three\n",
      ...(this.percent(70) && {
        "downloads/.keep": "",
        "extended/.keep": "",
        "own-eggs/.keep": "",
      }),
    };
  }

  steps(run: readonly string[]): Step[] {
    const more = () => WORDS[this.draw(WORDS.length)]!;
    return [
      { run },
      { run: ["-N", "annotate", "a", "buildout"], whole: true },
      { run: [...more(), ...run] },
      { run: ["-N", "query", "buildout:extends-cache"], whole: true },
      { change: { "base.cfg": null }, run: ["-o", ...run] },
    ];
  }
}

/** The drawn configurations of `languageSubjects`, each in surroundings of its own. */
export function surroundedSubjects(seed: number, count: number, address: string): Subject[] {
  return languageSubjects(seed, count).map((subject, at) => {
    const numbers = seed * 1000 + at + 900_000;
    // Not offline, but nothing is looked for.
    const run = ["-N", ...subject.steps.at(-1)!.run.filter((word) => word !== "-o")];
    return {
      ...subject,
      name: subject.name.replace("language", "surroundings"),
      steps: new Surroundings(drawing(numbers), address).steps(run),
      prepare(directory) {
        subject.prepare(directory);
        const drawn = new Surroundings(drawing(numbers + 50_000), address);
        const read = (name: string) => readFileSync(`${directory}/${name}`, "utf8");
        change(directory, drawn.files(read, directory));
        change(`${directory}-home/.buildout`, drawn.defaults(directory));
      },
    };
  });
}
