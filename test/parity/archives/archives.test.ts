/**
 * Archives that archives.py has drawn, and what Python's `data` filter made of them. With
 * PARITY_TARFILE=PYTHON and PARITY_SEED=N, PARITY_CASES=N, others are drawn and judged anew.
 */
import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { unpackArchive } from "../../../src/buildout/kit/archive/unpack.ts";

interface Drawn {
  readonly form: string;
  /** Base64 of the archive, compressed by gzip. */
  readonly archive: string;
  /** It has paths or links that no honest archive has: the result only needs to be safe. */
  readonly odd: boolean;
  /** It has devices or pipes, which Python refuses and this engine passes over. */
  readonly special: boolean;
  /** The exception that Python ended with. */
  readonly refused: string | null;
  readonly tree: Readonly<Record<string, string>>;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const { PARITY_TARFILE, PARITY_SEED = "1", PARITY_CASES = "500" } = process.env;
const drawn: Drawn[] = JSON.parse(
  PARITY_TARFILE === undefined
    ? readFileSync(here("archives.json"), "utf8")
    : execFileSync(PARITY_TARFILE, [here("archives.py"), PARITY_SEED, PARITY_CASES], {
        encoding: "utf8",
        maxBuffer: 1e9,
      }),
);

/** Each file, directory and link below a directory, and mode bits that nothing unpacked may have. */
function tree(folder: string): { found: Record<string, string>; special: string[] } {
  const found: Record<string, string> = {};
  const special: string[] = [];
  const walk = (below: string) => {
    for (const entry of readdirSync(path.join(folder, below)).sort()) {
      const name = path.join(below, entry);
      const file = path.join(folder, name);
      const stat = lstatSync(file);
      const kind = stat.mode & 0o100 ? "program" : "file";
      if (stat.isSymbolicLink()) found[name] = `-> ${readlinkSync(file)}`;
      else if (stat.isDirectory()) found[name] = "folder";
      else if (stat.isFile()) found[name] = `${kind} ${readFileSync(file, "utf8").trim()}`;
      else special.push(name);
      if (!stat.isSymbolicLink() && stat.mode & 0o7000) special.push(name);
      if (stat.isDirectory()) walk(name);
    }
  };
  walk("");
  return { found, special };
}

async function unpacked(one: Drawn) {
  const top = mkdtempSync(path.join(tmpdir(), "archives-"));
  try {
    const folder = path.join(top, "into");
    const source = path.join(top, "archive");
    mkdirSync(folder);
    writeFileSync(path.join(top, "victim"), "as before");
    writeFileSync(source, gunzipSync(Buffer.from(one.archive, "base64")));
    const error = await unpackArchive({ source, folder, shown: "it" }).then(
      () => undefined,
      (reason: { code?: string }) => String(reason.code ?? reason),
    );
    const outside = readdirSync(top).join(" ") + readFileSync(path.join(top, "victim"), "utf8");
    return { error, outside, ...tree(folder) };
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

/** The differences; empty if everything is right. */
async function difference(one: Drawn): Promise<string | undefined> {
  const { error, outside, found, special } = await unpacked(one);
  if (outside !== "archive into victimas before") return `left outside: ${outside}`;
  if (special.length > 0) return `special bits or files: ${special}`;
  if (error !== undefined && !/^(unsafe|invalid)-archive$/.test(error)) return `an error ${error}`;
  // Links that lead outside are refused in every archive; other refusals are about odd ones.
  if (one.refused?.endsWith("DestinationError") && !one.special && error === undefined) {
    return `Python ends with ${one.refused}; this engine unpacks it`;
  }
  if (one.odd || one.special) return undefined;
  if (error !== undefined) return `Python ends with ${one.refused}; this engine with ${error}`;
  const lines = (its: Readonly<Record<string, string>>) =>
    Object.entries(its)
      .map((line) => line.join(" "))
      .sort()
      .join("\n");
  return lines(one.tree) === lines(found) ? undefined : `${lines(one.tree)}\n--\n${lines(found)}`;
}

describe("archives of every kind, as Python's data filter judged them", () => {
  test.each(["ustar", "gnu", "pax", "zip"])("%s", async (form) => {
    const chosen = drawn.filter((one) => one.form === form);
    expect(chosen.length).toBeGreaterThan(0);
    const umask = process.umask(0o022);
    onTestFinished(() => void process.umask(umask));
    const differences: string[] = [];
    for (const one of chosen) {
      const text = await difference(one);
      if (text !== undefined) differences.push(`${drawn.indexOf(one)}: ${text}`);
    }
    expect(differences).toEqual([]);
  });
});
