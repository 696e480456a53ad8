import { BuildoutError } from "../../errors/error.ts";

/** What a completion script knows before it asks the program. */
export interface CompletionTable {
  program: "buildout" | "hostout";
  /** `-c`, `--json`, ... */
  options: readonly string[];
  /** Names of commands, and one line about each. */
  commands: readonly (readonly [name: string, summary: string])[];
}

/** `PROGRAM completion words` prints the words that depend on the buildout, one on a line. */
const ASK = "completion words 2>/dev/null";

function bash({ program, options, commands }: CompletionTable): string {
  const words = commands.map(([name]) => name).join("\\n");
  return `_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local IFS=$'\\n'
  case $previous in
    -c|--config) COMPREPLY=($(compgen -f -X '!*.cfg' -- "$current") $(compgen -d -- "$current")) ;;
    completion) COMPREPLY=($(compgen -W $'bash\\nzsh\\nfish' -- "$current")) ;;
    *)
      case $current in
        -*) COMPREPLY=($(compgen -W $'${options.join("\\n")}' -- "$current")) ;;
        *) COMPREPLY=($(compgen -W $'${words}\\n'"$("$1" ${ASK})" -- "$current")) ;;
      esac ;;
  esac
}
complete -o default -F _${program} ${program}`;
}

function zsh({ program, options, commands }: CompletionTable): string {
  const described = commands.map(
    ([name, summary]) => `    '${name}:${summary.replaceAll("'", "'\\''")}'`,
  );
  return `#compdef ${program}
_${program}() {
  local -a commands names
  commands=(
${described.join("\n")}
  )
  case $words[CURRENT-1] in
    -c|--config) _files -g "*.cfg(-.)"; return ;;
    completion) compadd bash zsh fish; return ;;
  esac
  if [[ $words[CURRENT] = -* ]]; then
    compadd -- ${options.join(" ")}
  else
    names=(\${(f)"$($words[1] ${ASK})"})
    compadd -a names
    _describe command commands
  fi
}
compdef _${program} ${program}`;
}

function fish({ program, options, commands }: CompletionTable): string {
  const lines = options.map((option) => {
    const long = option.startsWith("--");
    const name = option.replace(/^-+/, "");
    return `complete -c ${program} ${long ? "-l" : "-s"} ${name}${/^-c$|^--config$/.test(option) ? " -r" : ""}`;
  });
  const when = "-n 'not __fish_seen_subcommand_from completion'";
  const described = commands.map(
    ([name, summary]) =>
      `complete -c ${program} ${when} -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
  );
  return [
    ...lines,
    ...described,
    `complete -c ${program} ${when} -a '(set -l words (commandline -opc); $words[1] ${ASK})'`,
    `complete -c ${program} -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'`,
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
