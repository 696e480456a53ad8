/** collective.recipe.supervisor. */
import fc from "fast-check";
import { type Case, lifeCycle, type Options } from "../cases.ts";
import { boolean, rarely, unknown, word } from "./values.ts";

const gap = fc.constantFrom(" ", " ", " ", "  ", "\t");

/** Pieces with gaps between them; some are missing. */
function line(pieces: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc
    .tuple(...pieces.map((piece) => fc.tuple(piece, gap)))
    .map((all) => all.filter(([text]) => text !== "").map(([text, between]) => text + between))
    .map((all) => all.join("").trim());
}

const mostly = (usual: string, ...rare: string[]) =>
  fc.constantFrom(usual, usual, usual, usual, usual, ...rare);
const settings = fc.constantFrom(
  "",
  "",
  "(autostart=false)",
  "(a=b c=d)",
  "(a=b=c)",
  "(a)",
  "()",
  "(=x y=)",
  "( a=b )",
  "(a=(b))",
);
const command = fc.constantFrom(
  "/bin/x",
  "/opt/a/run",
  "x",
  "bin/x",
  "/x",
  "true",
  "[x]",
  "//x",
  "/a//b",
);
const args = fc.constantFrom(
  "",
  "",
  "[-a b]",
  "[]",
  "[true]",
  "[a] [b]",
  "[-x '${o:x}']",
  "[trueish]",
  "[false x]",
);

const program = line([
  mostly("10", "0", "x", "", "-1", "99 "),
  mostly("web", "a:b", ""),
  settings,
  command,
  args,
  fc.constantFrom("", "/srv", "truedir", "false-dir", "rel"),
  fc.constantFrom("", "true", "false", "yes", "TRUE"),
  fc.constantFrom("", "", "www-data", "user extra"),
]);

const listener = line([mostly("Mem", ""), settings, mostly("TICK_60", "A,B", ""), command, args]);
const group = line([mostly("10", "x", ""), mostly("all", ""), mostly("web,b", "web, b", "")]);

const several = (one: fc.Arbitrary<string>) =>
  fc.array(one, { minLength: 1, maxLength: 3 }).map((all) => `\n${all.filter(Boolean).join("\n")}`);

/** Of twenty parts about one has a line that is wrong, so that the others are seen. */
const valid = (lines: fc.Arbitrary<string>, form: RegExp) =>
  fc.oneof(
    {
      arbitrary: lines.filter((text) =>
        text.split("\n").every((one) => one === "" || form.test(one)),
      ),
      weight: 15,
    },
    { arbitrary: lines, weight: 1 },
  );

const sections = fc.constantFrom(
  "global",
  "ctl",
  "ctl http",
  "http",
  "rpc",
  "services",
  "global ctl http rpc services",
  "",
  "global services",
  "other",
  "\nglobal\nctl",
);

const options = fc.record({
  sections: rarely(sections, 1),
  "http-socket": rarely(fc.constantFrom("inet", "unix", "other", ""), 1),
  port: rarely(fc.constantFrom("9002", "127.0.0.1:9003", "*:1", "", "[::1]:9"), 1),
  file: rarely(fc.constantFrom("${buildout:directory}/s.sock", "s", ""), 1),
  chmod: rarely(fc.constantFrom("0600", "", "x"), 2),
  chown: rarely(fc.constantFrom("me", "me:us", ""), 2),
  user: rarely(word, 2),
  password: rarely(word, 3),
  serverurl: rarely(fc.constantFrom("http://x", ""), 2),
  "supervisord-conf": rarely(
    fc.constantFrom("${buildout:directory}/etc/s.conf", "${buildout:directory}/s.conf"),
    2,
  ),
  logfile: rarely(
    fc.constantFrom("${buildout:directory}/l/s.log", "${buildout:directory}/var/x.log"),
    2,
  ),
  pidfile: rarely(fc.constantFrom("${buildout:directory}/var/log/s.pid", ""), 2),
  childlogdir: rarely(
    fc.constantFrom("${buildout:directory}/c", "${buildout:directory}/var/log/child"),
    2,
  ),
  "logfile-maxbytes": rarely(word, 3),
  "logfile-backups": rarely(word, 3),
  loglevel: rarely(word, 3),
  umask: rarely(word, 3),
  nodaemon: rarely(boolean, 2),
  nocleanup: rarely(boolean, 2),
  "supervisord-user": rarely(word, 2),
  "supervisord-directory": rarely(fc.constantFrom("%(here)s", "", "/x"), 2),
  "supervisord-environment": rarely(fc.constantFrom("A=1,B=2", "", "\nA=1,\nB=2"), 2),
  "env-path": rarely(fc.constantFrom("/bin:/usr/bin", ""), 2),
  programs: rarely(valid(several(program), /^\d+\s+\S+\s+\S+/), 0),
  eventlisteners: rarely(valid(several(listener), /^\S+(\s+\([^)]+\))?\s+\S+\s+\S+/), 0),
  groups: rarely(valid(several(group), /^\d+\s+\S+\s+\S+/), 0),
  include: rarely(fc.constantFrom("/a/*.conf", "\n/a/*.conf\n/b c", ""), 1),
  plugins: rarely(fc.constantFrom("standin.plugin", "", "\nstandin.plugin\nsupervisor"), 3),
  unknown,
});

export const supervisors: fc.Arbitrary<Case> = fc
  .record({ first: options, second: options, name: mostly("p", "supervisor", "a.b") })
  .map(({ first, second, name }) => {
    const sketch = (own: Options) => ({
      recipe: "collective.recipe.supervisor",
      name,
      options: own,
      sections: { o: { x: "X" } },
    });
    return lifeCycle(sketch(first), {}, { second: sketch(second) });
  });
