/** Words of `hostout` itself in place of a host, with their arguments and help. */
export const OWN_WORDS = [
  {
    name: "help",
    arguments: "[COMMAND]",
    description: "Show the help of a command",
    example: "hostout help deploy",
  },
  {
    name: "completion",
    arguments: "bash | zsh | fish",
    description: "Print a completion script for the shell",
    example: 'eval "$(hostout completion bash)"',
  },
  {
    name: "secrets",
    arguments: "edit | add KEY | key | members [add PUBLIC-KEY [NAME] | remove WHO]",
    description: "Edit the project's encrypted secrets.age",
    example: "hostout secrets add database",
  },
] as const;

export type OwnWord = (typeof OWN_WORDS)[number]["name"];

/** The help of one of these words; undefined for any other. */
export function ownHelp(name: string): string | undefined {
  const word = OWN_WORDS.find((one) => one.name === name);
  return (
    word &&
    `Usage: hostout ${word.name} ${word.arguments}\n\n${word.description}.\n\nExample:\n  ${word.example}`
  );
}
