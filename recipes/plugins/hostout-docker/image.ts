import { BuildoutError, didYouMean } from "../../../src/index.ts";

/** The image named by `hostimage`. */
export interface BaseImage {
  /** As in FROM. */
  name: string;
  system: "debian" | "alpine";
  hasNode: boolean;
  hasPython: boolean;
}

const KNOWN: Record<string, Omit<BaseImage, "name">> = {
  alpine: { system: "alpine", hasNode: false, hasPython: false },
  debian: { system: "debian", hasNode: false, hasPython: false },
  ubuntu: { system: "debian", hasNode: false, hasPython: false },
  node: { system: "debian", hasNode: true, hasPython: false },
  python: { system: "debian", hasNode: false, hasPython: true },
};

const SYSTEMS = { alpine: "alpine", debian: "debian", ubuntu: "debian" } as const;

/**
 * Facts about an image from its name, such as `debian:bookworm-slim` or
 * `registry.example.com/team/node:22-alpine`. For other names, the system is `hostos`. Throws
 * `invalid-hostimage`, and `unknown-hostimage` if the system is unknown.
 */
export function baseImage(image: string, hostos: string | undefined): BaseImage {
  if (!/^[\w][\w./:@-]*$/.test(image)) {
    throw new BuildoutError("invalid-hostimage", `'${image}' cannot be the name of an image.`);
  }
  const [repository = "", tag = ""] = image
    .split("/")
    .at(-1)!
    .split(/[:@](.*)/s);
  const known = Object.hasOwn(KNOWN, repository) ? KNOWN[repository] : undefined;
  if (known !== undefined) {
    return { name: image, ...known, ...(/alpine/.test(tag) && { system: "alpine" }) };
  }
  const system = Object.entries(SYSTEMS).find(([name]) => name === hostos)?.[1];
  if (system !== undefined) return { name: image, system, hasNode: false, hasPython: false };
  throw new BuildoutError("unknown-hostimage", `hostimage: '${image}' is not a known image.`, {
    hint:
      didYouMean(repository, Object.keys(KNOWN)) ??
      `Known are ${Object.keys(KNOWN).join(", ")}; for another image set 'hostos' to debian, ubuntu or alpine.`,
  });
}

/** Shell commands that install the system's packages and clean up afterwards. */
export function installPackages(
  { system, hasNode, hasPython }: BaseImage,
  needs: { node: boolean; python: boolean; packages: readonly string[] },
): string[] {
  const alpine = system === "alpine";
  const python = alpine ? ["python3", "py3-pip"] : ["python3", "python3-venv", "python3-pip"];
  const names = [
    "ca-certificates",
    ...(needs.node && !hasNode ? ["nodejs", "npm"] : []),
    ...(needs.python && !hasPython ? python : []),
    ...needs.packages,
  ];
  const words = [...new Set(names)].join(" ");
  if (alpine) return [`apk add --no-cache ${words}`];
  return [
    "apt-get update",
    `DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${words}`,
    "rm -rf /var/lib/apt/lists/*",
  ];
}

/** Shell commands that create the group and users if missing. */
export function makeUsers(
  { system }: BaseImage,
  { builder, runner, group }: { builder: string; runner: string; group: string },
): string[] {
  const alpine = system === "alpine";
  const user = (name: string, home: boolean) => {
    const make = alpine
      ? `adduser -D ${home ? "" : "-H "}-g '' -G ${group} -s /bin/sh ${name}`
      : `useradd ${home ? "-m" : "-M"} -g ${group} -s /bin/sh ${name}`;
    const join = alpine ? `addgroup ${name} ${group}` : `usermod -a -G ${group} ${name}`;
    return `if id -u ${name} >/dev/null 2>&1; then ${join}; else ${make}; fi`;
  };
  return [
    `{ grep -q '^${group}:' /etc/group || ${alpine ? "addgroup" : "groupadd"} ${group}; }`,
    user(builder, true),
    ...(runner === builder ? [] : [user(runner, false)]),
  ];
}
