/** Empty wheels for distributions that pip must not look for. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Candidate, Environment } from "../environment.ts";
import { normalizeName, requirementText } from "../requirement.ts";
import { storedZip } from "./zip.ts";

/** A distribution that is not an egg: developed, or provided by the engine. */
export interface Stub {
  name: string;
  version: string;
  /** Its requirements (PEP 508). */
  requires: readonly string[];
  extras: readonly string[];
}

export function candidateStub({ name, version, requires, extras }: Candidate): Stub {
  const common = requires([]).map(requirementText);
  const further = extras.flatMap((extra) =>
    requires([extra])
      .map(requirementText)
      .filter((text) => !common.includes(text))
      .map((text) => `${text} ; extra == "${extra}"`),
  );
  return { name, version, requires: [...common, ...further], extras };
}

/** Stubs for develop packages and provided distributions: name -> version. */
export function stubsOf(environment: Environment, provided: ReadonlyMap<string, string>): Stub[] {
  const developed = environment.developed();
  const names = new Set(developed.map(({ key }) => key));
  const others = [...provided].filter(([name]) => !names.has(normalizeName(name)));
  return [
    ...developed.map(candidateStub),
    ...others.map(([name, version]) => ({ name, version, requires: [], extras: [] })),
  ];
}

/** Marks the versions of stubs, so that nothing else matches them. */
const LABEL = "local.stub";

/** The version of a stub: the distribution's, with a unique local label. */
function stubVersion(version: string): string {
  return version.includes("+") ? `${version}.${LABEL}` : `${version}+${LABEL}`;
}

/** pip's output without the labels of stubs. */
export function withoutLabels(text: string): string {
  return text.replaceAll(`+${LABEL}`, "").replaceAll(`.${LABEL}`, "");
}

/** Writes the wheel of a stub into a folder; returns its path, and the line that makes pip use it. */
export async function writeStub(
  stub: Stub,
  folder: string,
): Promise<{ file: string; pin: string }> {
  const version = stubVersion(stub.version);
  const base = `${stub.name.replace(/[-_.]+/g, "_")}-${version}`;
  const info = `${base}.dist-info`;
  const metadata = [
    "Metadata-Version: 2.1",
    `Name: ${stub.name}`,
    `Version: ${version}`,
    ...stub.extras.map((extra) => `Provides-Extra: ${extra}`),
    ...stub.requires.map((requirement) => `Requires-Dist: ${requirement}`),
    "",
  ].join("\n");
  const wheel =
    "Wheel-Version: 1.0\nGenerator: buildout\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n";
  const files = new Map([
    [`${info}/METADATA`, metadata],
    [`${info}/WHEEL`, wheel],
    [`${info}/RECORD`, `${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`],
  ]);
  const file = join(folder, `${base}-py2.py3-none-any.whl`);
  await writeFile(file, storedZip(files));
  return { file, pin: `${stub.name}==${version}` };
}
