import { expect, test } from "vitest";
import { nativePlugins } from "../../../recipes/plugins/index.ts";
import { builtinCommands } from "../../../src/deploy/commands/builtin.ts";
import { moduleCommands } from "../../../src/deploy/fabfile/load.ts";

/** Commands that only look, or work only on this machine: they need no lock of the host. */
const READING: Readonly<Record<string, string>> = {
  "built-in":
    "audit bootscript_list cleanup detecthostos diff download get lock logs plan releases ssh-config status",
  "hostout.cloud":
    "create destroy is_created list_images list_nodes list_providers list_sizes nodestate printnode reboot",
  "hostout.datafs": "pull",
  "hostout.docker": "dockerbuild dockerfile",
  "hostout.mrdeveloper": "checksources",
  "hostout.pushdeploy": "stage",
  "hostout.supervisor": "status tail",
};

/** Commands that may change the host, but take no lock: docs/decisions/015-lock-of-a-host.md. */
const FREE = ["run", "setowners", "ssh", "sudo", "supervisorctl"];

test("built-in commands and those of plugins that change a host take its lock", async () => {
  const sets = new Map([["built-in", builtinCommands]]);
  for (const [name, plugin] of nativePlugins) {
    sets.set(name, [...moduleCommands(await plugin.fabfile(), name).commands]);
  }
  const takes = new Set([...sets.values()].flat().flatMap((one) => (one.changes ? one.name : [])));
  for (const [set, commands] of sets) {
    const lockless = commands.map(({ name }) => name).filter((name) => !takes.has(name));
    const expected = [...(READING[set] ?? "").split(" "), ...FREE].filter((name) =>
      commands.some((one) => one.name === name),
    );
    expect(lockless.sort(), set).toEqual(expected.sort());
  }
});
