import type { CommandDefinition } from "../run/chain.ts";

export const sshSettingsCommands: CommandDefinition[] = [
  {
    name: "ssh-config",
    description:
      "Show where the login goes, which settings of ssh_config count, and where they are",
    arguments: "none",
    example: "ssh-config",
    source: "collective.hostout",
    async run({ session }) {
      const target = await session.target();
      const print = (line: string) => session.emit({ type: "output", stream: "out", line });
      print(`${target.user}@${target.hostName} port ${target.port}`);
      for (const { keyword, values, location } of target.settings) {
        const { file, line } = location;
        const place = line === undefined ? file : `${file}:${line}`;
        const verdict = keyword.verdict === "harmless" ? ` (not used: ${keyword.note})` : "";
        print(`${keyword.name} ${values.join(" ")}  # ${place}${verdict}`);
      }
      return target.settings.map(({ keyword, values, location }) => ({
        keyword: keyword.name,
        values,
        location,
      }));
    },
  },
];
