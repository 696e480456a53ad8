import { BuildoutError } from "../../errors/error.ts";

/**
 * What goes behind a command: further commands, names that the buildout decides, files of this
 * machine, or what only the command itself knows.
 */
export type Takes = "commands" | "parts" | "sections" | "files" | "itself";

interface CompletedCommand {
  name: string;
  /** One line. */
  summary: string;
  takes: Takes;
  /** Options behind it. */
  options: readonly string[];
}

/** What a completion script knows before it asks the program. */
export interface CompletionTable {
  program: "buildout" | "hostout";
  /** Options before any command: `-c`, `--json`, ... */
  options: readonly string[];
  commands: readonly CompletedCommand[];
  /** What the program is asked for beside the commands: the hosts, and commands of fabfiles. */
  asks: "words" | undefined;
}

const NAMES = ["bash", "zsh", "fish"];

/** `PROGRAM completion WHAT` prints the words that depend on the buildout, one on a line. */
const ask = (what: string) => `completion ${what} 2>/dev/null`;

const names = (commands: readonly CompletedCommand[]) =>
  commands.map(({ name }) => name).join("|") || "''";

/** The loop that finds the command which the word being typed belongs to. */
function findCommand(commands: readonly CompletedCommand[], words: string): string {
  const isLast = ({ takes }: CompletedCommand) => takes !== "commands";
  return `  for word in ${words}; do
    case $word in
      ${names(commands.filter(isLast))}) command=$word; break ;;
      ${names(commands.filter((one) => !isLast(one)))}) command=$word ;;
    esac
  done`;
}

/** What each command takes; `list` writes the options. */
function setFacts(
  commands: readonly CompletedCommand[],
  list: (words: readonly string[]) => string,
): string {
  const lines = commands.map(
    ({ name, takes, options }) => `    ${name}) takes=${takes} options=${list(options)} ;;`,
  );
  return `  case $command in\n${lines.join("\n")}\n  esac`;
}

function bash({ program, options, commands, asks }: CompletionTable): string {
  const list = (words: readonly string[]) => `$'${words.join("\\n")}'`;
  const reply = (words: string) => `COMPREPLY=($(compgen -W ${words} -- "$current"))`;
  const asked = (what: string) => `"$("$1" ${ask(what)})"`;
  const all = list(commands.map(({ name }) => name));
  return `_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local IFS=$'\\n' word command= takes=commands options=${list(options)}
${findCommand(commands, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
${setFacts(commands, list)}
  COMPREPLY=()
  case $previous in
    -c|--config) COMPREPLY=($(compgen -f -X '!*.cfg' -- "$current") $(compgen -d -- "$current")); return ;;
    completion) ${reply(list(NAMES))}; return ;;
  esac
  if [[ $current = -* && -n $options ]]; then ${reply('"$options"')}; return; fi
  case $takes in
    commands) ${reply(asks ? `${all}$'\\n'${asked(asks)}` : all)} ;;
    parts) ${reply(asked("parts"))} ;;
    sections) ${reply(asked("words"))} ;;
    files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o default -F _${program} ${program}`;
}

function zsh({ program, options, commands, asks }: CompletionTable): string {
  const described = commands.map(
    ({ name, summary }) => `    '${name}:${summary.replaceAll("'", "'\\''")}'`,
  );
  const list = (words: readonly string[]) => `(${words.join(" ")})`;
  const add = (what: string) => `names=(\${(f)"$($words[1] ${ask(what)})"}); compadd -a names`;
  return `#compdef ${program}
_${program}() {
  local word command= takes=commands
  local -a commands names options
  options=${list(options)}
  commands=(
${described.join("\n")}
  )
${findCommand(commands, "${words[2,CURRENT-1]}")}
${setFacts(commands, list)}
  case $words[CURRENT-1] in
    -c|--config) _files -g "*.cfg(-.)"; return ;;
    completion) compadd ${NAMES.join(" ")}; return ;;
  esac
  if [[ $words[CURRENT] = -* && \${#options} -gt 0 ]]; then compadd -- $options; return; fi
  case $takes in
    commands) ${asks ? `${add(asks)}; ` : ""}_describe command commands ;;
    parts) ${add("parts")} ;;
    sections) ${add("words")} ;;
    *) _files ;;
  esac
}
compdef _${program} ${program}`;
}

function fish({ program, options, commands, asks }: CompletionTable): string {
  const seen = (some: readonly { name: string }[]) =>
    `__fish_seen_subcommand_from ${some.map(({ name }) => name).join(" ")}`;
  const completion = { name: "completion" };
  // Behind these stands nothing of the program's.
  const last = commands.filter(({ takes }) => takes !== "commands");
  const early = `-n 'not ${seen([...last, completion])}'`;
  const option = (word: string, when: string) => {
    const kind = word.startsWith("--") ? "-l" : "-s";
    const value = /^-c$|^--config$/.test(word) ? " -r" : "";
    return `complete -c ${program} ${when} ${kind} ${word.replace(/^-+/, "")}${value}`;
  };
  const words = (when: string, what: string) =>
    `complete -c ${program} ${when} -f -a '(set -l words (commandline -opc); $words[1] ${ask(what)})'`;
  const behind = (takes: Takes) => {
    const some = commands.filter((one) => one.takes === takes);
    return some.length === 0 ? [] : [`-n '${seen(some)}'`];
  };
  // Some options go with some commands only.
  const others = commands.filter(({ takes }) => takes === "commands");
  const without = (word: string) => others.filter((one) => !one.options.includes(word));
  const ownOf = ({ takes, options: all }: CompletedCommand) =>
    takes === "commands" ? all.filter((word) => !options.includes(word)) : all;
  return [
    ...options.map((word) =>
      option(word, `-n 'not ${seen([...last, completion, ...without(word)])}'`),
    ),
    ...commands.flatMap((command) =>
      ownOf(command).map((word) => option(word, `-n '${seen([command])}'`)),
    ),
    ...commands.map(
      ({ name, summary }) =>
        `complete -c ${program} ${early} -f -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
    ),
    ...(asks ? [words(early, asks)] : []),
    ...behind("parts").map((when) => words(when, "parts")),
    ...behind("sections").map((when) => words(when, "words")),
    `complete -c ${program} -n '${seen([completion])}' -f -a '${NAMES.join(" ")}'`,
  ].join("\n");
}

const SHELLS = { bash, zsh, fish };

/** The completion script for a shell. Throws `usage` for another one. */
export function completionScript(shell: string | undefined, table: CompletionTable): string {
  if (shell === undefined || !Object.hasOwn(SHELLS, shell)) {
    throw new BuildoutError("usage", "The completion command requires a shell: bash, zsh or fish.");
  }
  return SHELLS[shell as keyof typeof SHELLS](table);
}
