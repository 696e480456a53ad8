import { GIVEN } from "../../ssh/config/effective.ts";
import type { PrintedSetting } from "../../ssh/config/printed.ts";
import type { ResolvedTarget } from "../../ssh/target.ts";
import type { HostOptions } from "../part/options.ts";
import type { CommandDefinition } from "../run/chain.ts";

export const sshSettingsCommands: CommandDefinition[] = [
  {
    name: "ssh-config",
    description: "Show the login and the ssh_config settings in effect, with their sources",
    arguments: "none",
    example: "ssh-config",
    source: "collective.hostout",
    async run({ session, options }) {
      const target = await session.logins.target();
      const print = (line: string) => session.emit({ type: "output", stream: "out", line });
      print(`${target.user}@${target.hostName} port ${target.port}`);
      for (const line of lines(target, options)) print(line);
      return target.printed.map(({ keyword, value, location }) => ({
        keyword: keyword.name,
        value,
        location,
      }));
    },
  },
];

/** The settings of the login, each with its source. */
function lines(target: ResolvedTarget, options: HostOptions): string[] {
  const written = (name: string) => target.printed.find(({ keyword }) => keyword.name === name);
  const first = [
    ["HostName", target.hostName, nameReason(target, options)],
    ["Port", String(target.port), "ssh's default"],
    ["User", target.user, "the user who runs bin/hostout"],
  ] as const;
  const own = ownFiles(target, options);
  const others = target.printed.filter(
    ({ keyword }) => !first.some(([name]) => name === keyword.name),
  );
  return [
    ...first.map(([name, value, reason]) => {
      const setting = written(name);
      return `${name} ${value}  # ${setting === undefined ? reason : place(setting, options)}`;
    }),
    ...[...own].map(([name, { value, reason }]) => `${name} ${value}  # ${reason}`),
    ...others.map((setting) => {
      const { keyword, value } = setting;
      const unused = own.has(keyword.name)
        ? `overridden by ${own.get(keyword.name)!.reason}`
        : keyword.verdict === "harmless"
          ? keyword.note
          : undefined;
      const note = unused === undefined ? "" : `, not used: ${unused}`;
      return `${keyword.name} ${value}  # ${place(setting, options)}${note}`;
    }),
  ];
}

/** Why it is this name if there is no HostName. */
function nameReason(target: ResolvedTarget, options: HostOptions): string {
  const isCanonical = target.hostName !== target.host.toLowerCase();
  return isCanonical ? `the canonical name of ${target.host}` : option("host", options);
}

/** The files named by options of the part, which override ssh_config. */
function ownFiles(target: ResolvedTarget, options: HostOptions) {
  const found = new Map<string, { value: string; reason: string }>();
  const identity = target.identities.find(({ required }) => required);
  if (identity !== undefined) {
    const isNamed = options.identityFile !== undefined;
    const reason = isNamed ? option("identity-file", options) : "the key of this buildout";
    found.set("IdentityFile", { value: identity.path, reason });
  }
  if (options.knownHosts !== undefined) {
    const reason = option("known-hosts", options);
    found.set("UserKnownHostsFile", { value: options.knownHosts, reason });
  }
  return found;
}

function place({ keyword, location }: PrintedSetting, options: HostOptions): string {
  // The option 'host' includes the port.
  if (location === GIVEN) return option(keyword.name === "User" ? "user" : "host", options);
  const { file, line } = location;
  return line === undefined ? file : `${file}:${line}`;
}

function option(name: string, { name: part }: HostOptions): string {
  return `option '${name}' of [${part}]`;
}
