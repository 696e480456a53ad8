import { type OptionDefinition, optionWords } from "../../arguments/grammar.ts";
import { BuildoutError } from "../../errors/error.ts";

/**
 * What follows a command: further commands, names from the buildout, local files, or something that only
 * the command itself knows.
 */
export type Takes = "commands" | "parts" | "sections" | "files" | "itself";

interface CompletedCommand {
  name: string;
  /** One line. */
  summary: string;
  takes: Takes;
  /** The choices for its first word, if any. */
  words?: readonly string[];
  /** Options after it. */
  options: readonly string[];
}

/** What follows an option: these words, configurations, files, or something unknown. */
interface CompletedValue {
  /** The option: `-o`, `--out`. */
  words: readonly string[];
  offers: readonly string[] | "configurations" | "files" | "nothing";
}

/** What follows options, each of them once. */
export function optionValues(options: readonly OptionDefinition[]): CompletedValue[] {
  const values = options.flatMap((option): [string, CompletedValue][] => {
    const { value, letter } = option;
    const words = optionWords([option]);
    // An optional one follows `=`.
    if (value === undefined || value.optional || words.length === 0) return [];
    const files = letter === "c" ? "configurations" : "files";
    const offers = value.choices ?? (value.placeholder === "FILE" ? files : "nothing");
    return [[words.join(), { words, offers }]];
  });
  return [...new Map(values).values()];
}

/** What a completion script knows before it asks the program. */
export interface CompletionTable {
  program: "buildout" | "hostout";
  /** Options before any command: `-c`, `--json`, ... */
  options: readonly string[];
  commands: readonly CompletedCommand[];
  /** Of these options and of those after commands. */
  values: readonly CompletedValue[];
  /** What the program is asked for besides commands: the hosts, and commands of fabfiles. */
  asks: "words" | undefined;
}

const NAMES = ["bash", "zsh", "fish"];

/** `PROGRAM completion WHAT` prints the words that depend on the buildout, one per line. */
const ask = (what: string) => `completion ${what} 2>/dev/null`;

const names = (commands: readonly CompletedCommand[]) =>
  commands.map(({ name }) => name).join("|") || "''";

/** The loop that finds the command of the word being typed. */
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

/** The branches of a `case` on the previous word, for commands whose first word is one of a few. */
function wordCases(
  commands: readonly CompletedCommand[],
  offer: (words: readonly string[]) => string,
): string {
  return commands
    .flatMap(({ name, words }) =>
      words === undefined ? [] : [`    ${name}) ${offer(words)}; return 0 ;;\n`],
    )
    .join("");
}

/** The branches of a `case` on the previous word, for options with a value. */
function valueCases(
  values: readonly CompletedValue[],
  offer: (offers: CompletedValue["offers"]) => string,
): string {
  return values
    .map(({ words, offers }) => `    ${words.join("|")}) ${offer(offers)}return 0 ;;\n`)
    .join("");
}

/** In lists with commas, the last name is completed. Bash treats '@' as a separate word, like '='. */
const BASH_LISTS = `  local begin= role=
  if [[ $current = @ ]]; then current= role=@; elif [[ $previous = *@ ]]; then role=@; fi
  if [[ $current = *,* ]]; then begin=\${current%,*},; fi
  if [[ \${current#"$begin"} = !* ]]; then begin+=!; fi
`;

function bashListed(all: string, asked: string): string {
  return `if [[ -n $role ]]; then COMPREPLY=($(compgen -W ${asked} -- "@$current")); COMPREPLY=("\${COMPREPLY[@]#@}")
      elif [[ -n $begin ]]; then COMPREPLY=($(compgen -P "$begin" -W ${asked} -- "\${current#"$begin"}"))
      else COMPREPLY=($(compgen -W ${all}$'\\n'${asked} -- "$current")); fi`;
}

function bash({ program, options, commands, values, asks }: CompletionTable): string {
  const list = (words: readonly string[]) => `$'${words.join("\\n")}'`;
  const reply = (words: string) => `COMPREPLY=($(compgen -W ${words} -- "$current"))`;
  const asked = (what: string) => `"$("$1" ${ask(what)})"`;
  const all = list(commands.map(({ name }) => name));
  const files = 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))';
  const configurations =
    'COMPREPLY=($(compgen -f -X \'!*.cfg\' -- "$current") $(compgen -d -- "$current"))';
  const offer = (offers: CompletedValue["offers"]) => {
    if (offers === "nothing") return "";
    if (offers === "files") return `${files}; `;
    return offers === "configurations" ? `${configurations}; ` : `${reply(list(offers))}; `;
  };
  return `_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local IFS=$'\\n' word command= takes=commands options=${list(options)}
${findCommand(commands, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
${setFacts(commands, list)}
  COMPREPLY=()
  # Bash treats '=' as a separate word.
  if [[ $current = = ]]; then current=; elif [[ $previous = = ]]; then previous=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  [[ $command != completion ]] || { ${reply(list(NAMES))}; return; }
${asks ? BASH_LISTS : ""}  [[ -z $options ]] || case $previous in
${valueCases(values, offer)}  esac
  if [[ $current = -* && -n $options ]]; then ${reply('"$options"')}; return; fi
  [[ $previous != "$command" ]] || case $command in
${wordCases(commands, (words) => reply(list(words)))}  esac
  case $takes in
    commands) ${asks ? bashListed(all, asked(asks)) : reply(all)} ;;
    parts) ${reply(asked("parts"))} ;;
    sections) ${reply(asked("words"))} ;;
    files) ${files} ;;
  esac
}
complete -o default -F _${program} ${program}`;
}

function zsh({ program, options, commands, values, asks }: CompletionTable): string {
  const described = commands.map(
    ({ name, summary }) => `    '${name}:${summary.replaceAll("'", "'\\''")}'`,
  );
  const list = (words: readonly string[]) => `(${words.join(" ")})`;
  const add = (what: string) => `names=(\${(f)"$($words[1] ${ask(what)})"}); compadd -a names`;
  const offer = (offers: CompletedValue["offers"]) => {
    if (offers === "nothing") return "";
    if (offers === "files") return "_files; ";
    return offers === "configurations"
      ? '_files -g "*.cfg(-.)"; '
      : `compadd -- ${offers.join(" ")}; `;
  };
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
  [[ $command != completion ]] || { compadd ${NAMES.join(" ")}; return }
  (( ! \${#options} )) || case $words[CURRENT-1] in
${valueCases(values, offer)}  esac
  if [[ $words[CURRENT] = -* && \${#options} -gt 0 ]]; then compadd -- $options; return; fi
  [[ $words[CURRENT-1] != $command ]] || case $command in
${wordCases(commands, (words) => `compadd ${words.join(" ")}`)}  esac
  case $takes in
    commands) ${asks ? `compset -P '*[,!]' && commands=(); ${add(asks)}; ` : ""}_describe command commands ;;
    parts) ${add("parts")} ;;
    sections) ${add("words")} ;;
    *) _files ;;
  esac
}
compdef _${program} ${program}`;
}

/** In lists with commas, and after '!', the last name is completed. */
function fishLists(program: string, when: string, what: string): string {
  return `complete -c ${program} ${when} -f -a '(set -l words (commandline -opc); set -l begin (string match -r "^.*[,!]" -- (commandline -ct)); and printf "$begin%s\\n" ($words[1] ${ask(what)}))'`;
}

function fish({ program, options, commands, values, asks }: CompletionTable): string {
  const seen = (some: readonly { name: string }[]) =>
    `__fish_seen_subcommand_from ${some.map(({ name }) => name).join(" ")}`;
  const completion = { name: "completion" };
  // No options of the program follow these.
  const last = commands.filter(({ takes }) => takes !== "commands");
  const early = `-n 'not ${seen([...last, completion])}'`;
  const valueFor = (word: string) => {
    const offers = values.find(({ words }) => words.includes(word))?.offers;
    if (offers === undefined) return "";
    if (offers === "nothing") return " -x";
    return typeof offers === "string" ? " -r" : ` -x -a '${offers.join(" ")}'`;
  };
  const option = (word: string, when: string) => {
    const kind = word.startsWith("--") ? "-l" : "-s";
    return `complete -c ${program} ${when} ${kind} ${word.replace(/^-+/, "")}${valueFor(word)}`;
  };
  const words = (when: string, what: string) =>
    `complete -c ${program} ${when} -f -a '(set -l words (commandline -opc); $words[1] ${ask(what)})'`;
  const behind = (takes: Takes) => {
    const some = commands.filter((one) => one.takes === takes);
    return some.length === 0 ? [] : [`-n '${seen(some)}'`];
  };
  // Some options work only with some commands.
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
    ...(asks ? [words(early, asks), fishLists(program, early, asks)] : []),
    ...commands.flatMap((command) =>
      command.words === undefined
        ? []
        : [`complete -c ${program} -n '${seen([command])}' -f -a '${command.words.join(" ")}'`],
    ),
    ...behind("parts").map((when) => words(when, "parts")),
    ...behind("sections").map((when) => words(when, "words")),
    `complete -c ${program} -n '${seen([completion])}' -f -a '${NAMES.join(" ")}'`,
  ].join("\n");
}

const SHELLS = { bash, zsh, fish };

/** The completion script for a shell. Throws `usage` if the shell is unknown. */
export function completionScript(shell: string | undefined, table: CompletionTable): string {
  if (shell === undefined || !Object.hasOwn(SHELLS, shell)) {
    throw new BuildoutError("usage", "The completion command requires a shell: bash, zsh or fish.");
  }
  return SHELLS[shell as keyof typeof SHELLS](table);
}
