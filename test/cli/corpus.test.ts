import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { messageOf } from "../../src/errors/error.ts";
import { command } from "../support/command-project.ts";
import { FACTS } from "../support/configuration-files.ts";
import {
  type Case,
  CORPUS,
  hasCorpus,
  type PlacedCase,
  place,
  readCases,
  same,
  sameError,
  sameSection,
  sameText,
  sha256,
} from "../support/corpus.ts";

const reason = hasCorpus() ? "" : ` (skipped: no corpus at ${CORPUS})`;
const folder = mkdtempSync(join(tmpdir(), "buildout-corpus-cli-"));
// The interpreter that conditions are about, as the corpus had it.
const python = join(folder, "python3");

// Another Node, and our program for it (test/smoke.mjs).
const node = process.env.HOSTOUT_TEST_NODE ?? process.execPath;
const program = process.env.HOSTOUT_TEST_PROGRAM ?? command;

/** Cases of each kind; two at least. */
const EACH = Number(process.env.HOSTOUT_TEST_EACH ?? 2);

/** The subject of a case: its source, its end and its requirements. */
function kindOf({ id, expected, urls, home, args, profiles }: Case): string {
  const origin = id.startsWith("fuzz") ? "fuzz" : "real";
  const exception = expected.load_error?.split(":", 1)[0];
  if (exception !== undefined) return `${origin} ${exception} ${urls !== undefined}`;
  const needs = [urls && "urls", home && "home", args.length > 0 && !urls && "args"];
  return [origin, profiles?.[0], ...needs].join(" ");
}

/** Of each kind the first, the last and some evenly between them. */
function sample(): Case[] {
  const kinds = new Map<string, Case[]>();
  for (const file of ["fuzz-dev.jsonl.gz", "real-dev.jsonl.gz"]) {
    for (const wanted of readCases(file)) {
      const kind = kindOf(wanted);
      kinds.set(kind, [...(kinds.get(kind) ?? []), wanted]);
    }
  }
  return [...kinds.values()].flatMap((cases) => {
    const step = Math.max(1, (cases.length - 1) / (EACH - 1));
    const chosen = Array.from({ length: EACH }, (_, i) => cases[Math.round(i * step)]);
    return chosen.filter((wanted) => wanted !== undefined);
  });
}

interface Answer {
  status: number | null;
  out: string;
  err: string;
}

function buildout(wanted: Case, placed: PlacedCase, ...words: string[]): Promise<Answer> {
  const { base, home, args, normal } = placed;
  const file = ["-c", basename(wanted.main)];
  const child = spawn(node, [program, ...file, ...args, ...words], {
    cwd: join(base, dirname(wanted.main)),
    env: { PATH: folder, HOME: home, USER: "user", LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    texts.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    texts.err += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) =>
      resolve({ status, out: normal(texts.out), err: normal(texts.err) }),
    );
  });
}

type Failure = { code: string; message: string };
type Shown = Record<string, string | Failure>;

/** The options of a section as `config --json` has them, or the error in their place. */
function section(shown: Shown): Failure | { options: Map<string, string> } {
  const { error } = shown;
  if (typeof error === "object") return error;
  return { options: new Map(Object.entries(shown as Record<string, string>)) };
}

function checkError({ expected }: Case, shown: Answer, json: Answer): void {
  // An error only in [buildout], or in the pins, is reported as an error of that section.
  const whole: Shown = JSON.parse(json.out);
  const found = [whole, ...Object.values(whole)].map((one) => section(one as Shown));
  const isShown = (one: (typeof found)[number]): one is Failure =>
    "code" in one && shown.err.includes(`Error: ${one.message}\n`);
  const error = found.find(isShown);
  if (error === undefined) throw new Error(`not told by config: ${shown.err}`);
  // zc.buildout ends with 1 for wrong usage, too.
  same("exit status", error.code === "usage" ? 2 : 1, shown.status);
  sameError(expected.load_error!, error);
  // An error in the command line itself has no `While:`.
  const steps = error.code === "usage" ? [] : (expected.while ?? []).map((line) => `  ${line}\n`);
  const head = `${steps.length > 0 ? "While:\n" : ""}${steps.join("")}Error: ${error.message}\n`;
  const start = shown.err.search(/^(While:|Error: )/m);
  same("error text", head, shown.err.slice(start, start + head.length));
}

function checkAnnotate({ expected, args, files, urls }: Case, { status, out }: Answer): void {
  same("exit status", 0, status);
  const notices = (expected.notices ?? []).map((line) => `${line}\n`).join("");
  same("notices", notices, out.slice(0, notices.length));
  const text = out.slice(notices.length);
  const given = [...args, ...Object.values(files), ...Object.values(urls ?? {})];
  if (given.some((words) => /verbosity|^-[A-Za-z]*[vq]/.test(words))) {
    const verbose = expected.annotate_verbose_sha256 ?? sha256(expected.annotate_verbose_text!);
    expect([expected.annotate_sha256, verbose]).toContain(sha256(text));
    return;
  }
  if (expected.annotate_text !== undefined) sameText("annotate", expected.annotate_text, text);
  same("annotate_sha256", expected.annotate_sha256, sha256(text));
}

function checkConfig(wanted: Case, { status, out }: Answer): void {
  const sections: Record<string, Shown> = JSON.parse(out);
  // A section that cannot be resolved is an error, though the others are printed.
  const isError = (shown: Shown) => "code" in section(shown);
  same("exit status of config", Object.values(sections).some(isError) ? 1 : 0, status);
  const names = Object.keys(wanted.expected.resolved!);
  for (const name of names) sameSection(wanted, name, section(sections[name]!));
  same("sections", names.sort().join(" "), Object.keys(sections).sort().join(" "));
}

async function check(wanted: Case, own: string): Promise<void> {
  const placed = place(wanted, own, python);
  const annotated = await buildout(wanted, placed, "annotate");
  const json = await buildout(wanted, placed, "config", "--json");
  for (const { err } of [annotated, json])
    same("Node's warning", undefined, /^\(node:.*/m.exec(err)?.[0]);
  if (wanted.expected.status !== "ok") return checkError(wanted, annotated, json);
  checkAnnotate(wanted, annotated);
  checkConfig(wanted, json);
}

describe.skipIf(!hasCorpus())(`the command line answers as zc.buildout 5.2${reason}`, () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("to cases of every kind", async () => {
    const { maxSize, ...facts } = FACTS;
    const answer = JSON.stringify({ ...facts, maxSize: String(maxSize) });
    // It returns its facts, and evaluates nothing.
    writeFileSync(python, `#!/bin/sh\n[ $# -gt 3 ] && exit 1\necho '${answer}'\n`, { mode: 0o755 });
    const cases = sample();
    expect(cases.length).toBeGreaterThan(35 * EACH);
    const failures: string[] = [];
    const work = async (own: string) => {
      for (let wanted = cases.pop(); wanted !== undefined; wanted = cases.pop()) {
        try {
          await check(wanted, join(folder, own));
        } catch (difference) {
          failures.push(`${wanted.id}: ${messageOf(difference)}`);
        }
      }
    };
    await Promise.all([work("a"), work("b")]);
    expect(failures).toEqual([]);
  });
});
