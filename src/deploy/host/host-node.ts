/** Node on a host: which versions it has, and what this machine's copy needs to run there. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { shellProgram } from "../../ssh/commands/shell-program.ts";
import nodes from "./programs/nodes.sh?raw";
import platform from "./programs/platform.sh?raw";

/** The oldest Node that the engine runs on: that of Debian 12 and Ubuntu 24.04. */
export const OLDEST_NODE = "18.19";

/** A Node on a host. */
export interface HostNode {
  executable: string;
  /** Such as v18.20.4. */
  version: string;
  /** npm is next to it or on PATH. */
  npm: boolean;
}

/** Directory in the cache for copies of the deploying machine's Node. */
export const COPIES = "node";

/** Prints the input of `parseNodes`: the Node on PATH, then those of earlier deployments. */
export function showNodes(cache: string): string {
  return shellProgram(nodes, [`${cache}/${COPIES}`]);
}

export function parseNodes(text: string): HostNode[] {
  return [...text.matchAll(/^(v\d\S*) (npm|none) (\/.*)$/gm)].map(
    ([, version, npm, executable]) => ({
      version: version!,
      npm: npm === "npm",
      executable: executable!,
    }),
  );
}

/** The best of those that are new enough, with npm if possible. */
export function usableNode(nodes: readonly HostNode[]): HostNode | undefined {
  const usable = nodes.filter(({ version }) => isNewEnough(version));
  return usable.find(({ npm }) => npm) ?? usable[0];
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST_NODE.split(".").map(Number);
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}

/** Prints the system, machine and C library of a host for `describePlatform`. */
export const SHOW_PLATFORM = platform;

const MACHINES: Record<string, string> = {
  x86_64: "x64",
  amd64: "x64",
  aarch64: "arm64",
  arm64: "arm64",
  armv7l: "arm",
  ppc64le: "ppc64",
  i686: "ia32",
};

/** `linux x64 glibc`: what determines whether a program runs on a host. */
export function describePlatform(text: string): string {
  const [system = "", machine = "", libc = ""] = text.trim().split("\n");
  const kind = /musl/i.test(libc) ? "musl" : /glibc|gnu/i.test(libc) ? "glibc" : "";
  return [system.toLowerCase(), MACHINES[machine] ?? machine, kind].filter(Boolean).join(" ");
}

/** The same for this machine. */
export function ownPlatform(): string {
  if (process.platform !== "linux") return `${process.platform} ${process.arch}`;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return `linux ${process.arch} ${header.glibcVersionRuntime === undefined ? "musl" : "glibc"}`;
}

/** The files of this machine's Node to send. */
export interface OwnNode {
  /** `v20.20.2-linux-x64` */
  name: string;
  executable: string;
  /** The directory of the npm package. */
  npm: string;
}

/** This machine's Node for copying; a string is the reason why that is impossible. */
export function ownNode(path: string | undefined): OwnNode | string {
  const variables = process.config.variables as Record<string, unknown>;
  if (variables.node_shared === true) {
    return "this machine's Node consists of several libraries and cannot be copied";
  }
  const npm = npmFolder(path);
  if (npm === undefined) return "this machine has no npm that can be copied";
  const { version, platform, arch, execPath } = process;
  return { name: `${version}-${platform}-${arch}`, executable: execPath, npm };
}

/** The directory of a self-contained npm, next to node or on PATH. */
function npmFolder(path: string | undefined): string | undefined {
  const beside = join(dirname(process.execPath), "../lib/node_modules/npm");
  const onPath = (path ?? "").split(delimiter).flatMap((folder) => {
    const file = join(folder, "npm");
    return folder !== "" && statSync(file, { throwIfNoEntry: false })?.isFile()
      ? [join(dirname(realpathSync(file)), "..")]
      : [];
  });
  return [beside, ...onPath].find((folder) =>
    ["bin/npm-cli.js", "node_modules", "package.json"].every((name) =>
      existsSync(join(folder, name)),
    ),
  );
}
