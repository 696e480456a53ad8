/** Who can read secrets.age: a recipients file, as for `age -R`. */
export interface Member {
  /** A public key of age. */
  key: string;
  /** The comment above it. */
  name: string;
}

const HEAD = "# Who can read secrets.age. Change it with 'hostout secrets members'.\n";

export function parseMembers(text: string): Member[] {
  const members: Member[] = [];
  let name = "";
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line.startsWith("#")) name = line.slice(1).trim();
    else {
      if (line !== "") members.push({ key: line, name });
      name = "";
    }
  }
  return members;
}

export function membersText(members: readonly Member[]): string {
  const lines = members.map(({ key, name }) => `\n${name === "" ? "" : `# ${name}\n`}${key}\n`);
  return `${HEAD}${lines.join("")}`;
}
