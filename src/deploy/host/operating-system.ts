import operatingSystem from "./programs/operating-system.sh?raw";

/** A system as described by os-release(5) or an older equivalent. */
export interface HostOs {
  /** `ID`: debian, ubuntu, rocky, ... */
  id: string;
  /** Display name: Debian GNU/Linux 12 (bookworm). */
  title: string;
  /** Its own name and those of similar systems, nearest first: rocky, rhel, centos, fedora, redhat. */
  families: string[];
}

/** How a family of systems installs packages, and its names for those that a buildout needs. */
export interface PackageManager {
  /** Shell command that installs the packages after it without asking. */
  install: string;
  /** The same as typed by a person. */
  shown: string;
  /** Node and npm. */
  node: readonly string[];
  /** Python with venv and pip. */
  python: readonly string[];
  /** The same for one version, `X.Y`; undefined if the system has only one. */
  pythonVersion?: readonly string[];
  /** Packages for building C extensions. */
  extensions: readonly string[];
  /** Packages for building Python itself. */
  compiler: readonly string[];
}

// Wait for other package managers; answer questions with their defaults.
const APT =
  "export DEBIAN_FRONTEND=noninteractive; apt-get -q -o DPkg::Lock::Timeout=120 update && " +
  "apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install";

const DNF = 'p=$(command -v dnf || command -v yum) && "$p" -q -y install';

const MANAGERS: Record<string, PackageManager> = {
  debian: {
    install: APT,
    shown: "apt-get install",
    node: ["nodejs", "npm"],
    python: ["python3", "python3-venv", "python3-pip"],
    pythonVersion: ["pythonX.Y", "pythonX.Y-venv", "pythonX.Y-dev"],
    extensions: ["build-essential", "python3-dev"],
    compiler: ["build-essential", "zlib1g-dev", "libssl-dev", "libffi-dev"],
  },
  redhat: {
    install: DNF,
    shown: "dnf install",
    node: ["nodejs", "npm"],
    python: ["python3", "python3-pip"],
    pythonVersion: ["pythonX.Y", "pythonX.Y-pip", "pythonX.Y-devel"],
    extensions: ["gcc", "make", "python3-devel"],
    compiler: ["gcc", "make", "zlib-devel", "openssl-devel", "libffi-devel"],
  },
  suse: {
    install: "zypper --non-interactive install",
    shown: "zypper install",
    node: ["nodejs", "npm"],
    python: ["python3", "python3-pip"],
    extensions: ["gcc", "make", "python3-devel"],
    compiler: ["gcc", "make", "zlib-devel", "libopenssl-devel", "libffi-devel"],
  },
  alpine: {
    install: "apk add --no-progress",
    shown: "apk add",
    node: ["nodejs", "npm"],
    python: ["python3", "py3-pip"],
    extensions: ["build-base", "python3-dev"],
    compiler: ["build-base", "zlib-dev", "openssl-dev", "libffi-dev", "linux-headers"],
  },
  arch: {
    install: "pacman -Sy --noconfirm --needed",
    shown: "pacman -S",
    node: ["nodejs", "npm"],
    python: ["python", "python-pip"],
    extensions: ["base-devel"],
    compiler: ["base-devel"],
  },
};

/** Similar systems, in addition to ID_LIKE of the system itself. */
const KIND_OF: Record<string, string> = {
  ubuntu: "debian",
  raspbian: "debian",
  rhel: "redhat",
  centos: "redhat",
  fedora: "redhat",
  rocky: "redhat",
  almalinux: "redhat",
  amzn: "redhat",
  ol: "redhat",
  sles: "suse",
  opensuse: "suse",
};

/** Prints the input of `parseHostOs`: os-release, or an equivalent on older systems. */
export const SHOW_HOST_OS = operatingSystem;

/** Reads os-release(5); ID defaults to `linux`. */
export async function parseHostOs(text: string): Promise<HostOs> {
  const { parse } = await import("ini");
  const release = parse(text) as Record<string, unknown>;
  const value = (name: string) => (typeof release[name] === "string" ? release[name] : "");
  const given = value("ID").toLowerCase();
  const id = /^[a-z0-9._-]+$/.test(given) ? given : "linux";
  const like = value("ID_LIKE").toLowerCase().split(/\s+/);
  const title = value("PRETTY_NAME") || value("NAME") || id;
  return { id, title, families: familiesOf(id, like) };
}

/** A system that the option `hostos` names. */
export function namedHostOs(hostos: string): HostOs {
  const id = hostos.trim().split(/[\s_]/)[0]!;
  return { id, title: hostos, families: familiesOf(id, []) };
}

function familiesOf(id: string, like: readonly string[]): string[] {
  const names = [id, ...like].filter((name) => name !== "");
  const kinds = names.flatMap((name) => (Object.hasOwn(KIND_OF, name) ? [KIND_OF[name]!] : []));
  return [...new Set([...names, ...kinds])];
}

/** Undefined for a system with an unknown package manager. */
export function packageManager({ families }: Pick<HostOs, "families">): PackageManager | undefined {
  const family = families.find((name) => Object.hasOwn(MANAGERS, name));
  return family === undefined ? undefined : MANAGERS[family];
}

/**
 * The command that installs Node on the system whose /etc/os-release is `text`, with the system's name;
 * undefined if the system is unknown.
 */
export async function nodeInstallLine(
  text: string,
): Promise<{ system: string; command: string } | undefined> {
  const os = await parseHostOs(text);
  const manager = packageManager(os);
  if (manager === undefined) return undefined;
  return { system: os.title, command: [manager.shown, ...manager.node].join(" ") };
}
