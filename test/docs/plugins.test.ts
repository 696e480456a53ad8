// The tables of docs/hostout.md about plugins, compared with the originals and with what ours declare.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nativePlugins } from "../../recipes/plugins/index.ts";

/** Options and commands of the originals, as their sources and documents name them. */
const ORIGINALS: Record<string, { options: string; commands: string }> = {
  "hostout.supervisor": {
    options: "supervisor sudosupervisor rollingrestart install-on-startup init.d",
    commands:
      "supervisorboot predeploy postdeploy supervisorstartup supervisorshutdown supervisorctl restart start stop status tail",
  },
  "hostout.mrdeveloper": { options: "", commands: "predeploy" },
  "hostout.datafs": { options: "filestorages", commands: "upload download" },
  "hostout.pushdeploy": {
    options:
      "local-sudo remote-sudo local-restart bootstrap-python executable restart supervisor-conf",
    commands:
      "clone update bootstrap annotate buildout pull restart stage cook_resources push deploy_etc stop start site_restart deploy stage_supervisor deploy_supervisor",
  },
  "hostout.docker": { options: "hostimage", commands: "dockerfile dockerbuild" },
  "hostout.cloud": {
    options: "hosttype hostsize hostsize_name imageid key secret key_filename",
    commands:
      "list_providers list_nodes list_sizes list_images setuser sethost printnode create is_created nodestate reboot destroy predeploy bootstrap",
  },
  "hostout.ubuntu": { options: "", commands: "bootstrap predeploy" },
  "hostout.debian": { options: "", commands: "bootstrap predeploy installPIP installPIL" },
  "hostout.centos": { options: "", commands: "bootstrap predeploy" },
  "hostout.redhat": { options: "", commands: "bootstrap" },
  "hostout.plone": {
    options: "",
    commands: "fscopy blobcopy fsget fsbackup fsrestore hotfix",
  },
  "hostout.overridedeploy": { options: "", commands: "deploy predeploy" },
};

interface Row {
  name: string;
  kind: string;
  state: string;
  why: string;
}

/** The rows below each heading, by the plugins that it names. */
function tables(): Map<string, Row[]> {
  const page = readFileSync(new URL("../../docs/hostout.md", import.meta.url), "utf8");
  const [, chapter = ""] = page.split("\n## Plugins of the original\n");
  const found = new Map<string, Row[]>();
  for (const section of chapter.split("\n### ").slice(1)) {
    const [heading = "", ...lines] = section.split("\n");
    const rows = lines.flatMap((line): Row[] => {
      const [, name, kind, state, why] =
        /^\| `(\S+)` \| (\w+) \| (\w+) \| (.*?) ?\|$/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, kind: kind!, state: state!, why: why! }];
    });
    expect(
      lines.filter((line) => line.startsWith("|")),
      heading,
    ).toHaveLength(rows.length + 2);
    for (const plugin of heading.split(", ")) found.set(plugin, rows);
  }
  return found;
}

const words = (text: string) => text.split(" ").filter((word) => word !== "");
const named = (rows: readonly Row[], kind: string, states: readonly string[]) =>
  rows
    .filter((row) => row.kind === kind && states.includes(row.state))
    .map(({ name }) => name)
    .sort();

describe("plugins of the original in docs/hostout.md", () => {
  const found = tables();

  test("each state is valid, and all but 'here' have a reason", () => {
    for (const row of [...found.values()].flat()) {
      expect(["here", "different", "missing", "new"], row.name).toContain(row.state);
      expect(["option", "command", "plugin"], row.name).toContain(row.kind);
      expect(row.why === "", row.name).toBe(row.state === "here");
    }
  });

  test.each(Object.keys(ORIGINALS))("every option and command of %s has its row", (plugin) => {
    const { options, commands } = ORIGINALS[plugin]!;
    const states = ["here", "different", "missing"];
    const rows = found.get(plugin)!;
    // One table may describe several plugins.
    expect(named(rows, "option", states)).toEqual(words(options).sort());
    expect(named(rows, "command", states)).toEqual(expect.arrayContaining(words(commands)));
    const all = Object.keys(ORIGINALS).filter((other) => found.get(other) === rows);
    expect(named(rows, "command", states)).toEqual(
      [...new Set(all.flatMap((other) => words(ORIGINALS[other]!.commands)))].sort(),
    );
  });

  test.each([...nativePlugins])(
    "what is said to be in %s is, and no more",
    async (name, plugin) => {
      const states = ["here", "different", "new"];
      const rows = found.get(name)!;
      const options = [...plugin.options.keys(), ...plugin.reads];
      expect(named(rows, "option", states)).toEqual(options.sort());
      const isCommand = (name: string) => name !== "locatehost";
      const commands = Object.keys(await plugin.fabfile())
        .filter(isCommand)
        .sort();
      expect(named(rows, "command", states)).toEqual(commands);
    },
  );
});
