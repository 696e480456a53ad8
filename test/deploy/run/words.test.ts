import { describe, expect, test } from "vitest";
import { readWords } from "../../../src/deploy/run/words.ts";

const commands = () => ["deploy", "run", "buildout"];
const read = (...words: string[]) => readWords(words, ["host1", "host2", "web"], commands);

describe("the words of a command line", () => {
  test("are hosts, then commands, then arguments of the last command", async () => {
    expect(await read("host1", "host2", "deploy", "run", "ls", "deploy")).toEqual({
      hosts: ["host1", "host2"],
      commands: ["deploy", "run"],
      args: ["ls", "deploy"],
    });
  });

  test("'all' means every host, each once", async () => {
    expect((await read("web", "all", "deploy")).hosts).toEqual(["web", "host1", "host2"]);
  });

  test("nothing, or hosts alone, is a question and no error", async () => {
    expect(await read()).toEqual({ hosts: [], commands: [], args: [] });
    expect(await read("host1")).toEqual({ hosts: ["host1"], commands: [], args: [] });
  });

  test("a misspelt host is named with the nearest one and all valid ones", async () => {
    await expect(read("hsot1", "deploy")).rejects.toThrow(
      expect.objectContaining({
        code: "unknown-host",
        hint: "Did you mean 'host1'? Valid hosts are: host1 host2 web",
      }),
    );
  });

  test("a misspelt command is named with the nearest one", async () => {
    await expect(read("host1", "delpoy")).rejects.toThrow(
      expect.objectContaining({
        code: "unknown-command",
        message: "There is no host or command 'delpoy'.",
        hint: "Did you mean 'deploy'? 'bin/hostout host1' lists the commands.",
      }),
    );
  });
});
