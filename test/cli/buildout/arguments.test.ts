import { describe, expect, it } from "vitest";
import { OPTIONS, parseArguments } from "../../../src/cli/buildout/arguments.ts";
import { readCommandWords } from "../../../src/cli/buildout/command.ts";
import { COMMANDS } from "../../../src/cli/buildout/commands.ts";
import { commandHelp, findCommand } from "../../../src/cli/buildout/help.ts";
import { pairsOfOptions } from "../../support/options.ts";

describe("buildout's command line", () => {
  it("installs from buildout.cfg by default", () => {
    expect(parseArguments([])).toEqual({
      file: "buildout.cfg",
      assignments: [],
      verbosity: 0,
      userDefaults: true,
      json: false,
      lockWait: undefined,
      debug: false,
      help: false,
      version: false,
      command: "install",
      commandGiven: false,
      commandArguments: [],
    });
  });

  it("accepts combined letters", () => {
    const { assignments, userDefaults, debug, verbosity } = parseArguments(["-vvUoND", "-q"]);
    expect({ userDefaults, debug, verbosity }).toEqual({
      userDefaults: false,
      debug: true,
      verbosity: 10,
    });
    expect(assignments).toEqual([
      { section: "buildout", option: "offline", value: "true" },
      { section: "buildout", option: "newest", value: "false" },
      { section: "buildout", option: "verbosity", value: "10" },
    ]);
  });

  it.each([[["-c", "x.cfg"]], [["-cx.cfg"]], [["-vcx.cfg"]], [["-Nc", "x.cfg"]]])(
    "takes a file: %j",
    (argv) => {
      expect(parseArguments(argv).file).toBe("x.cfg");
    },
  );

  it("accepts assignments before the command and leaves what follows it alone", () => {
    const given = ["a:x = 1 ", "y+=2", "-t", "5", "annotate", "a", "-v", "b=c"];
    const { assignments, command, commandArguments } = parseArguments(given);
    expect(assignments).toEqual([
      { section: "a", option: "x", value: "1" },
      { section: "buildout", option: "y+", value: "2" },
      { section: "buildout", option: "socket-timeout", value: "5" },
    ]);
    expect(command).toBe("annotate");
    expect(commandArguments).toEqual(["a", "-v", "b=c"]);
  });

  it.each(["-h", "--help", "-W", "-A"])("helps with %s", (word) => {
    expect(parseArguments([word, "-Z"]).help).toBe(true);
  });

  it("prints its version", () => {
    expect(parseArguments(["--version"]).version).toBe(true);
  });

  it.each([
    [["-Z"], "Invalid option -Z"],
    [["--nope"], "Invalid option --nope"],
    [["-t", "x"], "Timeout value must be numeric -t"],
    [["-t"], "No timeout value specified for option -t"],
    [["-c"], "No file name specified for option -c"],
    [["a:b:c=1"], "Invalid option: a:b:c"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(expect.objectContaining({ code: "usage", message }));
  });

  it("knows its commands and names the nearest", () => {
    expect(findCommand(COMMANDS, "runsetup").name).toBe("setup");
    expect(() => findCommand(COMMANDS, "anotate")).toThrow(
      expect.objectContaining({
        code: "usage",
        message: "invalid command: anotate",
        hint: "Did you mean 'annotate'?",
      }),
    );
  });

  it.each(COMMANDS)("$name has help, an example that is valid, and checks its words", (command) => {
    expect(commandHelp(command)).toContain(command.summary);
    const parsed = parseArguments(command.example.split(" "));
    expect(findCommand(COMMANDS, parsed.command)).toBe(command);
    readCommandWords(command, parsed.commandArguments);
    for (const word of ["--help", "-h"])
      expect([...readCommandWords(command, [word]).given.keys()]).toEqual(["help"]);
    if (command.options === "untouched") return;
    expect(() => readCommandWords(command, ["--dry-run"])).toThrow("Invalid option --dry-run");
    expect(() => readCommandWords(command, ["-v"])).toThrow("Option -v goes before the command.");
    if (command.arguments !== "none") return;
    expect(() => readCommandWords(command, ["junk"])).toThrow("takes no arguments: 'junk'.");
  });

  it.each(pairsOfOptions(OPTIONS))("answers alike in both orders: %j %j", (one, other) => {
    const answers = [
      [...one, ...other],
      [...other, ...one],
    ].map((argv) => {
      const { help, version, json, ...rest } = parseArguments(argv);
      const set = Object.fromEntries(
        rest.assignments.map(({ option }) => [option, rest.assignments.length]),
      );
      // Of two opposites the last one counts, as with zc.buildout.
      return {
        help,
        json,
        ...(help || version ? { version: !help } : { ...rest, assignments: set }),
      };
    });
    expect(answers[1]).toEqual(answers[0]);
  });
});
