/** Where the document and this package differ in an example. docs/differences.md has the same rows. */
export interface Substitution {
  /** The output in the document, part of one line. */
  from: string;
  /** How to find it; by default `from` itself, as whole words. */
  pattern?: RegExp;
  /** The line of the only example that it is for. */
  only?: number;
  /** The replacement. A test fills in `{word}`; an empty line is left out. */
  to: string;
  reason: string;
}

export const substitutions: readonly Substitution[] = [
  {
    from: "python bootstrap.py -c base.cfg",
    to: "buildout -c base.cfg bootstrap",
    reason: "the engine is a command of this package, which needs no Python and no `bootstrap.py`",
  },
  {
    from: "${pasterini:outout}",
    to: "${pasterini:output}",
    reason: "a misspelling, which both engines refuse; this one names the option that is meant",
  },
  {
    from: "port = 8080",
    to: "port = {port}",
    reason: "tests use free ports",
  },
  {
    from: "port = 80",
    to: "port = {port}",
    reason: "tests use free ports",
  },
  {
    from: "path = /var/buildout/demo",
    to: "path = {home}/demo",
    reason: "a sandbox host has one folder of this machine",
  },
  {
    from: "path = /var/host1",
    to: "path = {path}",
    reason: "a sandbox host has one folder of this machine; on a Debian host it is as printed",
  },
  {
    from: "run: echo 'cd /var/host1 && buildout is cool'",
    to: "run: echo 'buildout is cool'",
    reason:
      "a command of a fabfile in Python is shown as written, and runs where a login begins, as under Fabric",
  },
  {
    from: "cd /var/host1",
    to: "cd {path}",
    reason: "as `path`",
  },
  {
    from: "host = 127.0.0.1:10022",
    to: "host = 127.0.0.1:{port}",
    reason: "tests use free ports",
  },
  {
    from: "/sample-buildout",
    to: "{buildout}",
    reason: "the folder of the buildout",
  },
  {
    from: "'.../example'",
    to: "'.../src/hellowsgi'",
    reason: "printed by another example than the one above it",
  },
  {
    from: "Installing demo.",
    only: 161,
    to: "Installing demo.\n...",
    reason: "the document leaves out the scripts of `demo`, and the part `pasterini`",
  },
  {
    from: "Installing host1.",
    only: 161,
    to: "Installing host1.\nGenerated script '{buildout}/bin/hostout'.",
    reason: "as the document has it where it comes to `bin/buildout -N`",
  },
  {
    from: "running clean",
    to: "",
    reason: "what a build says is shown when it fails, and nowhere else",
  },
  {
    from: "creating '...example-0.0.0dev_....egg' and adding '...' to it",
    to: "",
    reason: "a release is a wheel; see `running clean`",
  },
  {
    from: "Develop egg src/demo changed.",
    to: "Develop egg src/hellowsgi changed.",
    reason: "printed by another example than the one above it",
  },
  {
    from: "demo = 0.0.0dev-...",
    to: "hellowsgi = 0.1+h...",
    reason: "the form of release numbers, see above; and another example than the one above it",
  },
  {
    from: "Hostout: Wrote versions to host1.cfg",
    to: "",
    reason:
      "it is said by `uploadbuildout`, which sends that file, and the name holds the release: `Wrote versions to host1-RELEASE.cfg`",
  },
  {
    from: "from 'collective/hostout'",
    to: "from 'collective.hostout'",
    reason: "the document has both",
  },
  {
    from: "from collective.hostout",
    to: "from 'collective.hostout'",
    reason: "the document has both",
  },
  {
    from: "cat/etc/hosts",
    to: "cat /etc/hosts",
    reason: "a misspelling; the command line above it has the blank",
  },
  {
    from: "bootstrap_python :",
    pattern: /bootstrap_python : *$/,
    to: "bootstrap_python : ...",
    reason: "every command says what it does",
  },
  {
    from: "run : Execute cmd on remote as login user",
    pattern: /^ +run +: .*$/,
    to: "",
    reason: "the list is sorted; see `setowners`",
  },
  {
    from: "setowners :",
    pattern: /^ +setowners +: /,
    to: "...\n  run ...: Execute cmd on remote as buildout user\n  setowners ...: ",
    reason:
      "the list is sorted, and says whose user `run` is: the old code, too, ran it as the buildout user",
  },
  {
    from: ": create buildout and the effective user",
    to: ": Create buildout and the effective user",
    pattern: /: create buildout and the effective user/,
    reason: "every line of the list begins with a capital",
  },
  {
    from: ": predeploy, uploadeggs, uploadbuildout",
    to: ": Run predeploy, uploadeggs, uploadbuildout",
    pattern: /: predeploy, uploadeggs, uploadbuildout/,
    reason: "as `create buildout`: a verb with a capital",
  },
  {
    from: "NAME : DESCRIPTION",
    pattern: /^ +(\w+) +: (.*)$/,
    to: "...\n  $1 ...: $2\n...",
    reason: "the list holds more commands, each in its place, and is as wide as the longest",
  },
  {
    from: "executalble = /path/to/your/python2.6/binary",
    to: "executable = {python}",
    reason: "a misspelling, and any Python from 3.8 on may be named",
  },
  {
    from: "http://www.python.org/ftp/python/2.6.1/Python-2.6.1.tgz",
    to: "{archive}",
    reason: "tests build a stand-in, which has its `configure` and `make`",
  },
  {
    from: "parts/python/bin/python2.6",
    to: "parts/python26/bin/python2.6",
    reason: "the part's name is `python26`, and so is its folder",
  },
  {
    from: "example of command from hostout.myplugin",
    only: 508,
    to: "example of command from hostout.myplugin\n...",
    reason: "further commands stand below it, too",
  },
];

/** As docs/differences.md has it. */
export function tableRow({ from, to, reason }: Substitution): string {
  const there = to === "" ? "nothing" : `\`${to.replaceAll("\n", "⏎")}\``;
  return `| \`${from}\` | ${there} | ${reason} |`;
}

export interface Substituted {
  text: string;
  /** Those that were needed. */
  used: Set<Substitution>;
}

/** The text to test this package with. `values` are those of the words in braces. */
export function substitute(
  text: string,
  values: Readonly<Record<string, string>>,
  example?: number,
): Substituted {
  const used = new Set<Substitution>();
  const lines = text.split("\n").map((line) => {
    let now = line;
    for (const one of substitutions) {
      if (one.only !== undefined && one.only !== example) continue;
      const pattern = one.pattern ?? wholeWords(one.from);
      if (!pattern.test(now)) continue;
      used.add(one);
      const to = one.to.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
      now = one.pattern ? now.replace(pattern, to) : now.replace(pattern, () => to);
    }
    return now === "" && line !== "" ? undefined : now;
  });
  return { text: lines.filter((line) => line !== undefined).join("\n"), used };
}

function wholeWords(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<!\\w)${escaped}(?!\\w)`);
}
