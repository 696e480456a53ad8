import { dirname, join } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { quote, quoteAll } from "../../ssh/commands/quote.ts";
import { accountsScript, authorizeScript, keyScript } from "../host/accounts.ts";
import type { Ownership } from "../host/ownership.ts";
import {
  buildoutKey,
  makeOwnKey,
  personalKeys,
  publicKeyLine,
  readPublicKey,
} from "../part/identity.ts";
import { exposedKey } from "../part/keys-in-git.ts";
import { configuredPassword } from "../part/password.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";

const source = "collective.hostout";

/** Warns about a private key that is in git or would be added. */
export async function warnOfKeyInGit({ session, options }: CommandContext): Promise<void> {
  const key = buildoutKey(options, session.env);
  const exposed = key === undefined ? undefined : await exposedKey(key);
  if (exposed) session.emit({ type: "warning", text: `${exposed.message} ${exposed.hint}` });
}

export const usersCommands: CommandDefinition[] = [
  {
    name: "bootstrap_users",
    description: "Create buildout and the effective user and allow hostout access",
    changes: true,
    arguments: "none",
    source,
    run: bootstrapUsers,
  },
  {
    name: "put_key",
    description: "Allow your own public key to log in as buildout user",
    changes: true,
    arguments: "[FILE]",
    help: "FILE is a public key; default: your own in ~/.ssh.",
    example: "put_key keys/colleague.pub",
    source,
    run: putKey,
  },
];

/** The users named in the options. Logs in as the login user only if none is named. */
export async function owners({ session, options }: CommandContext): Promise<Ownership> {
  const buildoutUser = options.buildoutUser ?? (await session.loginConnection()).user;
  const effectiveUser = options.effectiveUser ?? buildoutUser;
  const alone = effectiveUser === buildoutUser && !usersDiffer(options);
  return { buildoutUser, effectiveUser, group: alone ? null : options.buildoutGroup };
}

/** Whether login, buildout and effective user differ. */
export function usersDiffer({
  user,
  buildoutUser = user,
  effectiveUser = buildoutUser,
}: CommandContext["options"]): boolean {
  return buildoutUser !== user || effectiveUser !== buildoutUser;
}

async function bootstrapUsers(context: CommandContext): Promise<Ownership> {
  const { session, options } = context;
  const users = await owners(context);
  if (!usersDiffer(options)) {
    await replacePasswordByKey(context, users.buildoutUser);
    return users;
  }
  if (options.noSudo) {
    if ((await session.facts()).buildoutUser) return users;
    throw new BuildoutError(
      "no-sudo",
      `${users.buildoutUser} cannot log in to ${options.host}, and [${options.name}] forbids sudo.`,
      { hint: "Ask the host's administrator to create the users, or remove 'no-sudo = true'." },
    );
  }
  const password = await configuredPassword(options, "buildoutPassword", session.reveal);
  const key = await ownKey(context);
  const line = await publicKeyLine(key);
  const { buildoutUser, effectiveUser } = users;
  const result = await session.sudo(
    `${accountsScript(buildoutUser, effectiveUser, options.buildoutGroup, password !== undefined)}
${keyScript(buildoutUser, line)}`,
    {
      cwd: null,
      label: `# create ${quoteAll([...new Set([buildoutUser, effectiveUser])])} with group ${quote(options.buildoutGroup)}, authorize the key of ${buildoutUser}`,
      ...(password !== undefined && { input: `${password}\n` }),
    },
  );
  if (result.code !== 0) throw failed("Creating the users", result);
  // Groups take effect at the next login.
  await session.logOut();
  return users;
}

/** Authorizes the key for a login user who used a password, and says whether it is accepted. */
async function replacePasswordByKey(context: CommandContext, user: string): Promise<void> {
  const { session } = context;
  const connection = await session.buildoutConnection();
  if (connection.password === undefined) {
    session.note(`${user} logs in, builds and runs the application: no users to create`);
    return;
  }
  const key = await ownKey(context);
  const result = await connection.sh(authorizeScript(await publicKeyLine(key)));
  if (result.code !== 0) throw failed(`Authorizing ${key}`, result);
  if (await session.logins.letsIn(user, key)) {
    session.note(`Authorized ${key} for ${user}`);
  } else {
    const text = `${key} is in ~/.ssh/authorized_keys, but the host does not accept it for ${user}: the password is still needed`;
    session.emit({ type: "warning", text });
  }
}

/** The key for the buildout user, created if there is none. */
async function ownKey({ session, options }: CommandContext): Promise<string> {
  const found = buildoutKey(options, session.env);
  if (found !== undefined) return found;
  const { identityFile, ownKeyFile, name } = options;
  const isIgnored = await makeOwnKey(options);
  session.note(
    identityFile === undefined
      ? `Made the key ${ownKeyFile}: anyone with this key can deploy to ${name}`
      : `There is no ${identityFile}; made the key ${ownKeyFile} instead`,
  );
  if (isIgnored) session.note(`Added it to ${join(dirname(ownKeyFile), ".gitignore")}`);
  return ownKeyFile;
}

async function putKey(context: CommandContext, [file]: readonly unknown[]): Promise<string> {
  const { session, options } = context;
  const key = file === undefined ? personalKeys(session.env)[0] : String(file);
  if (key === undefined) {
    throw new BuildoutError("no-public-key", "You have no public key in ~/.ssh.", {
      hint: "Make one with ssh-keygen, or run: put_key FILE",
    });
  }
  const line = await readPublicKey(key);
  const { buildoutUser } = await owners(context);
  const result = (await session.facts()).buildoutUser
    ? await (await session.buildoutConnection()).sh(authorizeScript(line))
    : await session.sudo(keyScript(buildoutUser, line), {
        cwd: null,
        label: `# authorize ${key} for ${buildoutUser}`,
      });
  if (result.code !== 0) throw failed(`Authorizing ${key} for ${buildoutUser}`, result);
  session.note(`${key} may log in to ${options.host} as ${buildoutUser}`);
  return key;
}
