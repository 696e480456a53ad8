import { mkdirSync, readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import {
  newIdentity,
  publicKey,
  readSecretsText,
  SECRETS_FILE,
  sealed,
} from "../../../buildout/secrets/age/age-file.ts";
import { identityFile, readIdentities } from "../../../buildout/secrets/age/identity.ts";
import { type Member, membersText, parseMembers } from "../../../buildout/secrets/age/members.ts";
import { parseSecretLines, withSecret } from "../../../buildout/secrets/age/secret-lines.ts";
import { BuildoutError } from "../../../errors/error.ts";
import { didYouMean } from "../../../errors/nearest.ts";
import { formatError } from "../../../report/error.ts";
import type { Interaction } from "../../../ssh/target.ts";
import { writeFileAtomically } from "../../../system/write-atomically.ts";
import { editText } from "./edit-text.ts";

const MEMBERS_FILE = "secrets.members";
const PRIVATE = 0o600;
const READABLE = 0o644;
const COMMENT = `# KEY = VALUE, one per line. Write line breaks as in JSON: KEY = "one\\ntwo"\n`;

export interface SecretsCall {
  /** Where secrets.age is. */
  directory: string;
  env: NodeJS.ProcessEnv;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  interaction: Pick<Interaction, "ask" | "confirm">;
  /** Piped input, if there is no terminal. */
  input(): Promise<string>;
  warn(text: string): void;
}

type Action = (args: readonly string[], call: SecretsCall) => Promise<string>;

const ACTIONS: Record<string, Action> = { edit, add, members, key };

/** `hostout secrets ...`; returns the text to print. Throws `usage`, `secrets-locked`, `secrets-file-invalid`. */
export async function secretsCommand(
  [action, ...args]: readonly string[],
  call: SecretsCall,
): Promise<string> {
  const run = Object.hasOwn(ACTIONS, action ?? "") ? ACTIONS[action!] : undefined;
  if (run !== undefined) return run(args, call);
  const message =
    action === undefined ? "'secrets' needs an action." : `'${action}' is not an action.`;
  const nearest = action && didYouMean(action, Object.keys(ACTIONS));
  throw wrongWords(message, nearest || undefined);
}

function wrongWords(message: string, hint?: string): BuildoutError {
  return new BuildoutError("usage", message, {
    hint:
      hint ??
      "Usage: hostout secrets edit | add KEY | key | members [add PUBLIC-KEY [NAME] | remove WHO]",
  });
}

async function edit([extra]: readonly string[], call: SecretsCall): Promise<string> {
  if (extra !== undefined) throw wrongWords(`'edit' takes no argument: '${extra}'.`);
  const { directory, env, interaction, warn } = call;
  const members = await membersOf(call);
  const before = await readSecretsText(directory, env);
  const after = await editText(before ?? COMMENT, call, async (edited) => {
    try {
      parseSecretLines(edited);
      return true;
    } catch (error) {
      if (!(error instanceof BuildoutError) || !interaction.confirm) throw error;
      warn(formatError(error));
      if (await interaction.confirm("Edit again?")) return false;
      throw error;
    }
  });
  if (after === before) return "Nothing was changed.\n";
  await save(after, members, call);
  return `${SECRETS_FILE} is encrypted for ${people(members)}.\n`;
}

async function add([name, extra]: readonly string[], call: SecretsCall): Promise<string> {
  if (name === undefined) throw wrongWords("'add' needs the name of a secret.");
  if (extra !== undefined) {
    throw wrongWords("'add' takes no value.", "Type it at the prompt, or pipe it in.");
  }
  const members = await membersOf(call);
  const before = (await readSecretsText(call.directory, call.env)) ?? "";
  // Check the name and the file before anybody types a value.
  withSecret(before, name, "");
  parseSecretLines(before);
  const { ask } = call.interaction;
  const value = ask
    ? await ask(`Value of ${name}: `, { hidden: true })
    : (await call.input()).replace(/\r?\n$/, "");
  if (value === "") throw wrongWords("The value is empty.", "Nothing was changed.");
  await save(withSecret(before, name, value), members, call);
  return `Use it as ${name} = age:${name} in [secrets].\n`;
}

async function key([extra]: readonly string[], { env }: SecretsCall): Promise<string> {
  if (extra !== undefined) throw wrongWords(`'key' takes no argument: '${extra}'.`);
  const keys = await ownKeys(env);
  return keys.map((one) => `${one}\n`).join("");
}

async function members(words: readonly string[], call: SecretsCall): Promise<string> {
  const [action, who, ...rest] = words;
  const list = await membersOf(call);
  if (action === undefined)
    return list
      .map(({ key, name }) => `${key} ${name}`.trimEnd())
      .join("\n")
      .concat("\n");
  const label = rest.join(" ");
  const isKnown = action === "add" || (action === "remove" && label === "");
  if (!isKnown || who === undefined) throw wrongWords(`'members ${words.join(" ")}' is not known.`);
  const others = list.filter(({ key, name }) => key !== who && (action === "add" || name !== who));
  if (action === "remove" && others.length === list.length) {
    throw wrongWords(
      `There is no member '${who}'.`,
      didYouMean(
        who,
        list.map(({ name }) => name),
      ),
    );
  }
  if (others.length === 0 && action === "remove") {
    throw wrongWords(
      "Without members, nobody could read the secrets.",
      "Add another member first.",
    );
  }
  const after = action === "add" ? [...others, { key: who, name: label }] : others;
  const text = await readSecretsText(call.directory, call.env);
  await save(text ?? COMMENT, after, call);
  if (action === "remove") {
    call.warn(`${who} knows the values and can read earlier versions: change the values.\n`);
  }
  return `${SECRETS_FILE} is encrypted for ${people(after)}.\n`;
}

function people(members: readonly Member[]): string {
  return members.length === 1 ? "1 member" : `${members.length} members`;
}

/** The members in the file; without a file, only the current user. */
async function membersOf({ directory, env }: SecretsCall): Promise<Member[]> {
  let text = "";
  try {
    text = readFileSync(join(directory, MEMBERS_FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const found = parseMembers(text);
  if (found.length > 0) return found;
  const name = `${userInfo().username}@${hostname()}`;
  return (await ownKeys(env)).map((key) => ({ key, name }));
}

/** The current user's public keys; makes a key if there is none. */
async function ownKeys(env: NodeJS.ProcessEnv): Promise<string[]> {
  let identities = await readIdentities(env);
  if (identities.length === 0) {
    const file = identityFile(env);
    identities = [await newIdentity()];
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileAtomically(file, `${identities[0]}\n`, PRIVATE);
  }
  return Promise.all(identities.map((identity) => publicKey(identity)));
}

async function save(
  text: string,
  members: readonly Member[],
  { directory }: SecretsCall,
): Promise<void> {
  const keys = members.map((member) => member.key);
  writeFileAtomically(join(directory, SECRETS_FILE), `${await sealed(text, keys)}\n`, READABLE);
  writeFileAtomically(join(directory, MEMBERS_FILE), membersText(members), READABLE);
}
