/** How each family of systems installs Node and npm, by the ID that os-release(5) gives. */
const INSTALL: Record<string, string> = {
  debian: "apt-get install nodejs npm",
  fedora: "dnf install nodejs npm",
  rhel: "dnf install nodejs npm",
  suse: "zypper install nodejs npm",
  alpine: "apk add nodejs npm",
  arch: "pacman -S nodejs npm",
};

/**
 * The command that installs Node on the system whose /etc/os-release is `text`, with the
 * system's name; undefined where the system is none that we know.
 */
export async function nodeInstallLine(
  text: string,
): Promise<{ system: string; command: string } | undefined> {
  const { parse } = await import("ini");
  const release = parse(text) as Record<string, unknown>;
  const value = (name: string) => (typeof release[name] === "string" ? release[name] : "");
  const families = [value("ID"), ...value("ID_LIKE").split(" ")];
  const family = families.find((name) => Object.hasOwn(INSTALL, name));
  if (family === undefined) return undefined;
  return { system: value("PRETTY_NAME") || value("NAME") || family, command: INSTALL[family]! };
}
