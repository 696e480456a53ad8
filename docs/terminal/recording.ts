// What the picture of a terminal shows of `npm run demo`.

/** The commands that it shows, in the order in which they run, and lines of them that it leaves out. */
const COMMANDS: readonly [command: string, leftOut?: RegExp][] = [
  ["$ bin/hostout host1 deploy --plan"],
  ["$ bin/hostout host1 deploy"],
  // What the one before has shown is not shown again: only where the host is.
  ["$ bin/hostout host1 deploy", /^(?!\$|Done:)/],
  ["$ bin/hostout host1 rollback --reason misspelled"],
  ["$ bin/hostout host1 releases"],
];

/** Lines that say how it is done, which a picture has no room for. */
const LEFT_OUT = [
  /^Hostout: (Running command|Preparing eggs|Develop egg|Wrote versions)/,
  /^Logging into|^ {4}127\.0\.0\.1$|^Done\.$/,
  /^\[127\.0\.0\.1\] run: /,
  /^\[127\.0\.0\.1\] out: (demo: Getting|Updating|hello stopped)/,
];

/** The lines of the picture, from all that the demonstration has printed. */
export function recording(output: string): string {
  const lines = output.split("\n");
  const shown: string[] = [];
  let at = 0;
  for (const [command, leftOut] of COMMANDS) {
    at = lines.indexOf(command, at);
    if (at < 0) throw new Error(`The demonstration has no '${command}'.`);
    const next = lines.findIndex((line, index) => index > at && /^(\$ |$)/.test(line));
    const printed = lines
      .slice(at, next)
      .filter((line) => ![...LEFT_OUT, leftOut].some((one) => one?.test(line)));
    shown.push(...printed, "");
    at = next;
  }
  return shown
    .join("\n")
    .replaceAll(/\w+@[^\s,]+/g, (who) => "ann@box".padEnd(who.length))
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:8090")
    .replaceAll("\t", "    ");
}

/** The same without what differs from run to run. */
export function steady(text: string): string {
  return text
    .replaceAll(/\bh?[0-9a-f]{7,12}\b/g, "ID")
    .replaceAll(/\d+ (s|B)\b|[\d.]+ kB/g, "N $1")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "TIME")
    .replaceAll(/\(pid \d+\)/g, "(pid N)")
    .replaceAll(/ {2,}/g, "  ");
}
