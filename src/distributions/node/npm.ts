import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { extraAuthorities } from "../../system/authorities.ts";
import { type ProcessResult, runProcess } from "../../system/process.ts";

/** How to get npm with the package manager of each family of systems (`ID` of os-release(5)). */
const INSTALL_NPM: [RegExp, string][] = [
  [/\b(debian|ubuntu)\b/, "sudo apt-get install npm"],
  [/\b(fedora|rhel|centos)\b/, "sudo dnf install nodejs-npm"],
  [/\balpine\b/, "sudo apk add npm"],
  [/\barch\b/, "sudo pacman -S npm"],
  [/\bsuse\b/, "sudo zypper install npm-default"],
];

async function installNpmLine(): Promise<string> {
  if (process.platform === "darwin") return "brew install node";
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const ids = [...release.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map(([, value]) => value).join(" ");
  return INSTALL_NPM.find(([family]) => family.test(ids))?.[1] ?? "install Node.js with npm";
}

/** Runs `action` with a file of authorities that Node itself does not trust, if any. */
async function withAuthorities<T>(action: (file: string | undefined) => Promise<T>): Promise<T> {
  const extra = await extraAuthorities(process.env);
  if (extra.length === 0) return await action(undefined);
  const folder = await mkdtemp(path.join(tmpdir(), "authorities-"));
  try {
    const file = path.join(folder, "authorities.pem");
    await writeFile(file, `${extra.join("\n")}\n`);
    return await action(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the npm that belongs to `node`. Throws `npm-missing` if there is none; the caller handles failures of npm. */
export async function runNpm(args: string[], cwd: string, node: string): Promise<ProcessResult> {
  try {
    return await withAuthorities((file) =>
      runProcess({
        ...{ command: "npm", args, cwd, pathFirst: path.dirname(node) },
        ...(file !== undefined && { env: { NODE_EXTRA_CA_CERTS: file } }),
      }),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new BuildoutError("npm-missing", "Node packages need npm, which is not on PATH.", {
      hint: `Install it: ${await installNpmLine()}`,
      cause: error,
    });
  }
}
