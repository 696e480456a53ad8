// The completion scripts in the shells that they are for.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestProject } from "../support/deploy-project.ts";

const buildout = fileURLToPath(new URL("../../bin/buildout", import.meta.url));

/** A shell program that prints the completions of a command line whose last word is being typed. */
const SHELLS: Record<string, (program: string, words: string[]) => string[]> = {
  bash: (program, words) => [
    "-c",
    `eval "$(${program} completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
     _${program} ${program}; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ...["bash", program, ...words],
  ],
  zsh: (program, words) => [
    "-fc",
    `setopt extendedglob; IPREFIX=
     compdef() { : }
     _files() { print -l -- \${words[CURRENT]}*(N) }
     compadd() { if [[ $1 = -a ]]; then print -l -- $IPREFIX\${^\${(P)2}}; else print -l -- \${@:#--}; fi }
     compset() { [[ $words[CURRENT] = *[,!]* ]] && IPREFIX=\${words[CURRENT]%%[^,!]#} }
     _describe() { print -l -- \${(P)2} }
     eval "$(${program} completion zsh)"
     words=("$@"); CURRENT=$#; _${program}`,
    ...["zsh", program, ...words],
  ],
  fish: (program, words) => [
    "-c",
    `source (${program} completion fish | psub); complete -C '${[program, ...words].join(" ")}'`,
  ],
};

describe.each(Object.keys(SHELLS))("in %s", (shell) => {
  let project: TestProject;

  beforeAll(async () => {
    project = new TestProject({
      "fabfile.ts": "export const heartbeat = () => {};\n",
      "buildout.cfg": `[buildout]\nparts = host1\n
[host1]\nrecipe = hostout\nhost = h\nfabfiles = fabfile.ts\nroles = healthy web\n[hooks]\na = 1\n`,
    });
    expect(await project.buildout()).toMatchObject({ status: 0 });
    mkdirSync(join(project.scratch, "bin"));
    symlinkSync(buildout, join(project.scratch, "bin/buildout"));
  });

  afterAll(() => project.remove());

  /** Replaces files in zsh, which requests them with `_files`. */
  const localFiles = (names: string[]) => (shell === "zsh" ? names.slice(0, 1) : names);

  /** The completions of the last word; zsh itself filters them by that word. */
  function offered(program: string, ...words: string[]): string[] {
    const folders = ["bin", join(project.scratch, "bin"), dirname(process.execPath)];
    const output = execFileSync(shell, SHELLS[shell]!(program, words), {
      cwd: project.directory,
      env: { HOME: project.scratch, PATH: `${folders.join(":")}:${process.env.PATH}` },
      encoding: "utf8",
    });
    const names = output.split("\n").map((line) => line.replace(/(?<=\S)[:\t].*$/, ""));
    return names.filter((name) => name !== "" && name.startsWith(words.at(-1)!));
  }

  test("hostout has its hosts, commands, those of fabfiles, and options", () => {
    const words = offered("hostout", "h");
    for (const word of ["host1", "heartbeat", "hotfix", "help"]) expect(words).toContain(word);
    expect(offered("hostout", "host1", "depl")).toEqual(["deploy"]);
    expect(offered("hostout", "host1", "--js")).toEqual(["--json"]);
    for (const command of ["put", "get", "put_key"]) {
      expect(localFiles(offered("hostout", "host1", command, "fabf"))).toEqual(["fabfile.ts"]);
    }
    expect(offered("hostout", "host1", "run", "--")).toEqual([]);
    expect(offered("hostout", "host1", "rollback", "--da")).toEqual(["--data-ok"]);
    expect(offered("hostout", "host1", "cleanup", "--k")).toContain("--keep");
    expect(offered("hostout", "host1", "plan", "--det")).toEqual(["--detailed-exitcode"]);
    expect(offered("hostout", "host1", "releases", "--det")).toEqual([]);
    expect(offered("hostout", "host1", "run", "depl")).toEqual([]);
    expect(offered("hostout", "host1", "deploy", "upload")).toContain("uploadeggs");
    expect(offered("hostout", "host1", "lock", "").sort()).toEqual(["acquire", "release"]);
    expect(offered("hostout", "host1", "lock", "r")).toEqual(["release"]);
    expect(offered("hostout", "host1", "lock", "--f")).toEqual(["--force"]);
    expect(offered("hostout", "host1", "run", "--lock")).toEqual([]);
    expect(offered("hostout", "host1", "rollback", "--lock")).toEqual(["--lock-wait"]);
    expect(offered("hostout", "completion", "").sort()).toEqual(["bash", "fish", "zsh"]);
  });

  test("hosts and roles are completed in lists with commas, too", () => {
    // For bash, '@' is a separate word.
    const role = (begin: string) => (shell === "bash" ? ["@", begin] : [`@${begin}`]);
    const at = shell === "bash" ? "" : "@";
    expect(offered("hostout", ...role("he"))).toEqual([`${at}healthy`]);
    expect(offered("hostout", "h1,ho")).toContain("h1,host1");
    expect(offered("hostout", "h1,ho")).not.toContain("h1,hotfix");
    expect(offered("hostout", "h1,!h")).toContain("h1,!host1");
    expect(offered("hostout", "!ho")).toContain("!host1");
    if (shell !== "bash") expect(offered("hostout", "h1,@we")).toContain("h1,@web");
    else expect(offered("hostout", "h1,", "@", "we")).toEqual(["web"]);
  });

  test("after an option with a value, its values are completed", () => {
    expect(offered("hostout", "--diff", "").sort()).toEqual(["full", "no", "stat"]);
    expect(offered("hostout", "host1", "deploy", "--format", "m")).toEqual(["markdown"]);
    expect(offered("hostout", "host1", "diff", "--diff", "s")).toEqual(["stat"]);
    expect(localFiles(offered("hostout", "host1", "deploy", "--from", "fabf"))).toEqual([
      "fabfile.ts",
    ]);
    expect(offered("hostout", "host1", "rollback", "--reason", "dep")).toEqual([]);
    expect(offered("hostout", "-c", "buildo")).toEqual(["buildout.cfg"]);
    expect(offered("buildout", "-t", "inst")).toEqual([]);
    if (shell === "bash") expect(offered("hostout", "--diff", "=", "st")).toEqual(["stat"]);
  });

  test("buildout has its commands, sections and parts, and options", () => {
    expect(offered("buildout", "annot")).toContain("annotate");
    const words = offered("buildout", "config", "ho");
    for (const word of ["host1", "hooks"]) expect(words).toContain(word);
    expect(offered("buildout", "--lock")).toEqual(["--lock-wait"]);
    expect(offered("buildout", "install", "ho")).toEqual(["host1"]);
    expect(offered("buildout", "install", "--pl")).toEqual(["--plan"]);
    expect(offered("buildout", "install", "--lock")).toEqual([]);
    expect(offered("buildout", "bootstrap", "ho")).not.toContain("host1");
  });
});
