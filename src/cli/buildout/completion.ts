import { BuildoutError } from "../../errors/error.ts";
import { COMMANDS } from "./help.ts";

const OPTIONS = "-c -N -n -o -O -U -v -q -t -D -h --help --version";

function bash(commands: string): string {
  return `_buildout() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  if [ "$previous" = -c ]; then
    COMPREPLY=($(compgen -f -X '!*.cfg' -- "$current") $(compgen -d -- "$current"))
  elif [ "$previous" = completion ]; then
    COMPREPLY=($(compgen -W 'bash zsh fish' -- "$current"))
  else
    COMPREPLY=($(compgen -W '${OPTIONS} ${commands}' -- "$current"))
  fi
}
complete -o default -F _buildout buildout`;
}

function zsh(): string {
  const commands = [...COMMANDS].map(
    ([name, { summary }]) => `    '${name}:${summary.replaceAll("'", "'\\''")}'`,
  );
  return `#compdef buildout
_buildout() {
  local -a commands
  commands=(
${commands.join("\n")}
  )
  _arguments -s '-c[configuration file]:file:_files -g "*.cfg(-.)"' \\
    '-N[do not look for newer distributions]' '-n[look for newer distributions]' \\
    '-o[offline]' '-O[online]' '-U[ignore user defaults]' \\
    '*-v[more output]' '*-q[less output]' '-t[time-out]:seconds:' \\
    '-D[show stacks]' '(-h --help)'{-h,--help}'[help]' '--version[version]' \\
    '*:command:->command'
  [[ $state = command ]] && _describe command commands
}
compdef _buildout buildout`;
}

function fish(): string {
  const commands = [...COMMANDS].map(
    ([name, { summary }]) =>
      `complete -c buildout -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
  );
  return [
    "complete -c buildout -s c -r -d 'Configuration file'",
    ...commands,
    "complete -c buildout -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'",
  ].join("\n");
}

/** The completion script for a shell. Throws `usage` for another one. */
export function completionScript(shell: string | undefined): string {
  if (shell === "bash") return bash([...COMMANDS.keys()].join(" "));
  if (shell === "zsh") return zsh();
  if (shell === "fish") return fish();
  throw new BuildoutError("usage", "The completion command requires a shell: bash, zsh or fish.");
}
