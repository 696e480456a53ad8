import { BuildoutError } from "../../errors/error.ts";

/** What a completion script knows before it asks the program. */
export interface CompletionTable {
  program: "buildout" | "hostout";
  /** `-c`, `--json`, ... */
  options: readonly string[];
}

/** `PROGRAM completion words` prints the other words, one on a line. */
const ASK = "completion words 2>/dev/null";

function bash({ program, options }: CompletionTable): string {
  return `_${program}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local IFS=$'\\n'
  case $previous in
    -c|--config) COMPREPLY=($(compgen -f -X '!*.cfg' -- "$current") $(compgen -d -- "$current")) ;;
    completion) COMPREPLY=($(compgen -W $'bash\\nzsh\\nfish' -- "$current")) ;;
    *)
      case $current in
        -*) COMPREPLY=($(compgen -W $'${options.join("\\n")}' -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "$("$1" ${ASK})" -- "$current")) ;;
      esac ;;
  esac
}
complete -o default -F _${program} ${program}`;
}

function zsh({ program, options }: CompletionTable): string {
  return `#compdef ${program}
_${program}() {
  local -a candidates
  case $words[CURRENT-1] in
    -c|--config) _files -g "*.cfg(-.)"; return ;;
    completion) compadd bash zsh fish; return ;;
  esac
  if [[ $words[CURRENT] = -* ]]; then
    compadd -- ${options.join(" ")}
  else
    candidates=(\${(f)"$($words[1] ${ASK})"})
    compadd -a candidates || _files
  fi
}
compdef _${program} ${program}`;
}

function fish({ program, options }: CompletionTable): string {
  const asked = `(set -l words (commandline -opc); $words[1] ${ASK})`;
  const lines = options.map((option) => {
    const [kind, name] = option.startsWith("--")
      ? ["-l", option.slice(2)]
      : ["-s", option.slice(1)];
    return `complete -c ${program} ${kind} ${name}${option === "-c" ? " -r" : ""}`;
  });
  return [
    ...lines,
    `complete -c ${program} -n 'not __fish_seen_subcommand_from completion' -a '${asked}'`,
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
