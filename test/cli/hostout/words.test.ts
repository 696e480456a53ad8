import { describe, expect, test } from "vitest";
import { OPTIONS } from "../../../src/cli/hostout/hostout-options.ts";
import { readWords, WordsReader } from "../../../src/cli/hostout/words.ts";
import { commandChains } from "../../../src/deploy/run/chain.ts";
import { builtinChains } from "../../../src/program/host-commands.ts";
import { pairsOfOptions } from "../../support/options.ts";

const TAKES: Record<string, string> = {
  deploy: "none",
  put_key: "[FILE]",
  hotfix: "URL [DIRECTORY]",
  uploadbuildout: "none",
  run: "COMMAND...",
  put: "FILE [TARGET]",
  buildout: "[ARGUMENT...]",
};

const definitions = (takes: Record<string, string>, source: string) => ({
  commands: Object.entries(takes).map(([name, usage]) => ({
    ...{ name, source, description: "", arguments: usage },
    ...(["run", "put", "buildout"].includes(name) && { options: "untouched" as const }),
    run: async () => undefined,
  })),
});

function read(...words: string[]) {
  return readWords(words, {
    hosts: async () => [
      { name: "web", roles: ["front"] },
      { name: "host1", roles: ["back"] },
      { name: "host2", roles: ["back"] },
    ],
    commands: async (hosts) => {
      const builtin = definitions(TAKES, "builtin");
      const fabfile = definitions({ buildout: "[args...]", only: "none" }, "fabfile.ts");
      return new Map(
        hosts.map((host) => [host, commandChains(host === "web" ? [builtin, fabfile] : [builtin])]),
      );
    },
  });
}

function refusal(message: string, hint: string) {
  const codes = [
    [/no host '|no role|every host\.$/, "unknown-host"],
    [/no (host or )?command/, "unknown-command"],
    [/(?:)/, "usage"],
  ] as const;
  const [, code] = codes.find(([pattern]) => pattern.test(message))!;
  return expect.objectContaining({ code, message, hint: expect.stringContaining(hint) });
}

describe("the words of a command line", () => {
  test("are hosts, then commands, then arguments of the last command", async () => {
    expect(await read("host1", "host2", "deploy", "run", "ls", "deploy")).toMatchObject({
      hosts: ["host1", "host2"],
      commands: ["deploy", "run"],
      args: ["ls", "deploy"],
    });
  });

  test("a command that needs an argument takes the name of another one, too", async () => {
    expect(await read("host1", "run", "deploy")).toMatchObject({
      commands: ["run"],
      args: ["deploy"],
    });
  });

  test("'all' means every host, each once", async () => {
    expect((await read("host2", "all", "deploy")).hosts).toEqual(["host2", "web", "host1"]);
  });

  test("hosts are chosen by role and pattern, too, until a word chooses none", async () => {
    expect((await read("@back,!host2", "run", "ls", "*")).hosts).toEqual(["host1"]);
    expect(await read("host*", "deploy", "run", "@back", "!x")).toMatchObject({
      ...{ hosts: ["host1", "host2"], commands: ["deploy", "run"], args: ["@back", "!x"] },
    });
    expect((await read("!host1", "-q", "deploy")).hosts).toEqual(["web", "host2"]);
  });

  test("after -- an argument may begin with a dash", async () => {
    expect((await read("host1", "put_key", "--", "-k")).args).toEqual(["-k"]);
    expect((await read("host1", "hotfix", "url", "--", "-d")).args).toEqual(["url", "-d"]);
  });

  test("help and completion take the place of hosts, with options before and after them", async () => {
    expect(await read("-c", "x.cfg", "help", "deploy")).toMatchObject({
      ...{ own: "help", hosts: [], args: ["deploy"] },
      options: { config: "x.cfg" },
    });
    expect(await read("completion", "-D", "bash")).toMatchObject({
      ...{ own: "completion", args: ["bash"] },
      options: { debug: true },
    });
    expect((await read("host1", "run", "help")).own).toBeUndefined();
  });

  test("nothing, or hosts alone, is a question and no error", async () => {
    expect(await read()).toMatchObject({ hosts: [], commands: [], args: [] });
    expect(await read("host1")).toMatchObject({ hosts: ["host1"], commands: [], args: [] });
  });

  test.each([
    [["hsot1", "deploy"], "There is no host 'hsot1'.", "Did you mean 'host1'? Valid hosts are: "],
    [["front", "deploy"], "There is no host 'front'.", "Did you mean '@front'?"],
    [["@frnt", "deploy"], "There is no role 'frnt'.", "Did you mean '@front'? Roles are: "],
    [["host1,hots2", "deploy"], "There is no host 'hots2'.", "Did you mean 'host2'?"],
    [["host1,!host1", "deploy"], "'host1,!host1' excludes every host.", "Valid hosts are: "],
    [["host1", "delpoy"], "There is no host or command 'delpoy'.", "Did you mean 'deploy'?"],
    [["host1", "only"], "There is no host or command 'only'.", "lists the commands"],
    [["web", "host1", "only"], "host1 has no command 'only'.", "'bin/hostout host1' lists"],
    [["host1", "deploy", "--foo"], "'deploy' takes no arguments: '--foo'.", "HOST deploy"],
    [["host1", "deploy", "--qiet"], "'deploy' takes no arguments: '--qiet'.", "'--quiet'?"],
    [
      ["host1", "deploy", "--dry-run"],
      "'deploy' takes no arguments: '--dry-run'.",
      "'--plan' shows what deploy would do.",
    ],
    [["host1", "deploy", "-n"], "'deploy' takes no arguments: '-n'.", "'--plan' shows"],
    [["host1", "deploy", "--check"], "'deploy' takes no arguments: '--check'.", "'--plan' shows"],
    [["--dry-run", "host1", "deploy"], "Invalid option --dry-run", "Did you mean '--plan'?"],
    [
      ["host1", "deploy", "host2"],
      "'deploy' takes no arguments: 'host2'.",
      "Hosts go before commands: bin/hostout host1 host2 deploy",
    ],
    [
      ["host1", "deploy", "@back"],
      "'deploy' takes no arguments: '@back'.",
      "Hosts go before commands: bin/hostout host1 @back deploy",
    ],
    [
      ["deploy", "host1"],
      "There is no host 'deploy'.",
      "'deploy' is a command. Hosts go before commands: bin/hostout HOST deploy. Valid hosts are: ",
    ],
    [
      ["host1", "put_key", "--dry-run"],
      "'put_key' takes no options: '--dry-run'.",
      "Usage: bin/hostout HOST put_key [FILE]\nWrite -- before an argument that begins with a dash.",
    ],
    [["host1", "hotfix", "url", "--jsn"], "'hotfix' takes no options: '--jsn'.", "'--json'?"],
    [
      ["host1", "deploy", "uploadbuildot"],
      "'deploy' takes no arguments: 'uploadbuildot'.",
      "'uploadbuildout'?",
    ],
    [["host1", "deploy", "--", "x"], "'deploy' takes no arguments: 'x'.", ""],
    [["host1", "put", "a", "b", "c"], "'put' takes 2 arguments: 'c'.", "FILE [TARGET]"],
    [["host1", "run"], "'run' needs more arguments: COMMAND...", "HOST run COMMAND..."],
    [["host1", "--foo", "deploy"], "Invalid option --foo", "--help"],
    [["host1", "deploy", "-c", "x.cfg"], "Option -c goes before the first host.", "--"],
  ])("%j is refused before anything runs", async (words, message, hint) => {
    await expect(read(...words)).rejects.toThrow(refusal(message, hint));
  });
});

describe("options", () => {
  test.each([
    [["-q", "host1", "deploy"]],
    [["host1", "-q", "deploy"]],
    [["host1", "deploy", "-q"]],
    [["host1", "buildout", "-q"]],
  ])("stand anywhere before the first argument: %j", async (words) => {
    const { options, args } = await read(...words);
    expect(options.quiet).toBe(true);
    expect(args).toEqual([]);
  });

  test.each([
    [
      ["host1", "run", "ls", "-q", "--help"],
      ["ls", "-q", "--help"],
    ],
    [
      ["host1", "run", "-q", "ls", "-h"],
      ["ls", "-h"],
    ],
    [["host1", "run", "--", "-q"], ["-q"]],
    [
      ["host1", "buildout", "-o", "-q"],
      ["-o", "-q"],
    ],
    [["host1", "-q", "buildout", "-P", "-x"], ["-x"]],
  ])("those of a command's own are left alone: %j", async (words, args) => {
    const read_ = await read(...words);
    expect(read_.args).toEqual(args);
    expect(read_.options.help).toBe(false);
  });

  test.each([["--help"], ["-h"]])("%s after a command asks for its help", async (word) => {
    for (const name of Object.keys(TAKES)) {
      const { options, commands } = await read("host1", name, word);
      expect(commands).toEqual([name]);
      expect(options.help).toBe(true);
    }
  });

  test("an override that hands on its arguments takes what the command below it does", async () => {
    expect((await read("web", "buildout", "-o", "x")).args).toEqual(["-o", "x"]);
  });
});

describe("the number of hosts after -P", () => {
  test.each<[words: string[], parallel: number, hosts: string[], args?: string[]]>([
    [["-P", "host1", "deploy"], 32, ["host1"]],
    [["-P8", "host1", "deploy"], 8, ["host1"]],
    [["-P", "8", "host1", "deploy"], 8, ["host1"]],
    [["-qP", "8", "-D", "host1", "deploy"], 8, ["host1"]],
    [["host1", "-P", "8", "host2", "deploy"], 8, ["host1", "host2"]],
    [["--parallel=8", "host1", "deploy"], 8, ["host1"]],
    [["-Pq", "host1", "deploy"], 32, ["host1"]],
    [["host1", "deploy", "-P4"], 4, ["host1"]],
    // The number of a release, not of hosts.
    [["host1", "put_key", "-P", "4"], 32, ["host1"], ["4"]],
    [["host1", "run", "-P", "4"], 32, ["host1"], ["4"]],
  ])("%j: %i", async (words, parallel, hosts, args = []) => {
    expect(await read(...words)).toMatchObject({ options: { parallel }, hosts, args });
  });

  test("is a host if one has that name", async () => {
    const names = {
      hosts: async () => [{ name: "8", roles: [] }],
      commands: async () => new Map([["8", builtinChains]]),
    };
    const { options, hosts } = await readWords(["-P", "8", "deploy"], names);
    expect([options.parallel, hosts]).toEqual([32, ["8"]]);
  });

  test.each([
    [["-P0", "host1", "deploy"], "'--parallel' needs a whole number from 1, not '0'."],
    [["-P", "0", "host1", "deploy"], "'--parallel' needs a whole number from 1, not '0'."],
    [["-P2.5", "host1", "deploy"], "'--parallel' needs a whole number from 1, not '2.5'."],
    [["-P", "2.5", "host1", "deploy"], "'--parallel' needs a whole number from 1, not '2.5'."],
    [["--parallel=x", "host1", "deploy"], "'--parallel' needs a whole number from 1, not 'x'."],
    [["host1", "-c", "x.cfg", "deploy"], "Option -c goes before the first host."],
  ])("%j is refused", async (words, message) => {
    await expect(read(...words)).rejects.toThrow(message);
  });
});

describe("options", () => {
  test.each(pairsOfOptions(OPTIONS))("mean the same in both orders: %j %j", async (one, other) => {
    const { options } = await read(...one, ...other);
    expect((await read(...other, ...one)).options).toEqual(options);
  });

  test.each<[words: string[], json: boolean]>([
    [["host1", "deploy", "--json"], true],
    [["hst1", "deploy", "--json"], true],
    [["host1", "run", "--json", "ls"], true],
    [["host1", "buildout", "deploy", "--json"], true],
    [["host1", "run", "tool", "--json"], false],
    [["hst1", "run", "tool", "--json"], false],
    [["host1", "deploy", "put", "a", "--json"], false],
    [["host1", "deploy", "--", "--json"], false],
    [["--jsn", "--json"], true],
    [["--version", "--json"], true],
    [["-c", "--json"], false],
  ])("of wrong words, too, --json counts where it is ours: %j", async (words, json) => {
    const reader = new WordsReader(words);
    const gone = async () => Promise.reject(new Error("no such host"));
    await reader.read({ hosts: gone, commands: gone }).catch(() => {});
    expect(reader.shown().json).toBe(json);
  });

  test("arguments of a command that was read are not our options", async () => {
    const reader = new WordsReader(["web", "only", "x", "--json"]);
    const chains = commandChains([definitions({ only: "none" }, "fabfile.ts")]);
    expect(reader.shown().json).toBe(true);
    const refused = reader.read({
      hosts: async () => [{ name: "web", roles: [] }],
      commands: async () => new Map([["web", chains]]),
    });
    await expect(refused).rejects.toMatchObject({ message: "'only' takes no arguments: 'x'." });
    expect(reader.shown().json).toBe(false);
  });
});

describe("options of a command's own", () => {
  const readBuiltin = (...words: string[]) =>
    readWords(words, {
      hosts: async () => [{ name: "host1", roles: [] }],
      commands: async () => new Map([["host1", builtinChains]]),
    });

  test.each<[words: string[], args: string[], ours: object]>([
    [["host1", "cleanup", "--plan", "--keep", "3"], ["--plan", "--keep=3"], { plan: false }],
    [["--plan", "host1", "cleanup"], ["--plan"], { plan: false }],
    [["host1", "--diff=stat", "diff", "5", "7"], ["--diff=stat", "5", "7"], { diff: undefined }],
    [["host1", "diff", "5", "--diff", "no", "-q"], ["--diff=no", "5"], { quiet: true }],
    [
      ["host1", "rollback", "-1", "--json", "--reason=x y"],
      ["--reason=x y", "--", "-1"],
      { json: true },
    ],
    [["host1", "rollback", "--reason", "--json"], ["--reason=--json"], { json: false }],
    [["host1", "download", "5", "there", "--accept-new"], ["5", "there"], { acceptNew: true }],
    [["host1", "deploy", "--diff=no"], [], { diff: "no" }],
  ])("%j", async (words, args, ours) => {
    const { args: read_, options } = await readBuiltin(...words);
    expect(read_).toEqual(args);
    expect(options).toMatchObject(ours);
  });

  test.each([
    [["host1", "cleanup", "--plna"], "'cleanup' has no option '--plna'.", "'--plan'"],
    [["host1", "cleanup", "--jsn"], "'cleanup' has no option '--jsn'.", "'--json'"],
    [["host1", "rollback", "five"], "'rollback' needs the number of a release, not 'five'.", ""],
    [["host1", "rollback", "5", "6"], "'rollback' takes one argument: '6'.", "[--reason TEXT]"],
    [["host1", "plan", "--diff=stats"], "'--diff' takes one of no, stat, full: 'stats'.", "'stat'"],
    [
      ["host1", "deploy", "--lock-wait=x"],
      "'--lock-wait' needs a whole number of seconds, not 'x'.",
      "",
    ],
  ])("%j is refused", async (words, message, hint) => {
    await expect(readBuiltin(...words)).rejects.toEqual(refusal(message, hint));
  });
});
