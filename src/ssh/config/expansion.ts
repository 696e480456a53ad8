import { spawnSync } from "node:child_process";

/** The values of `%h`, `%p` and so on; without the key `%%`. */
export type Tokens = Readonly<Record<string, string>>;
type Env = Readonly<Record<string, string | undefined>>;

/** A value that cannot be expanded; the caller knows its location. */
export class ExpansionError extends Error {}

/** Replaces `%%` and the tokens given; any other `%x` is an error, as in ssh. */
export function expandTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(/%(.?)/gs, (token, name: string) => {
    if (name === "%") return "%";
    const value = Object.hasOwn(tokens, name) ? tokens[name] : undefined;
    if (value === undefined) throw new ExpansionError(`'${token}' is not a valid token here`);
    return value;
  });
}

/** Replaces `${NAME}` by the environment's value and, in the same pass, tokens. */
export function expandAll(text: string, tokens: Tokens, env: Env): string {
  return expandPieces(text, env, (piece) => expandTokens(piece, tokens));
}

/** Replaces `${NAME}` alone. */
export function expandVariables(text: string, env: Env): string {
  return expandPieces(text, env, (piece) => piece);
}

function expandPieces(text: string, env: Env, between: (piece: string) => string): string {
  return text
    .split(/(\$\{[^}]*\}?)/)
    .map((piece) => (piece.startsWith("${") ? variable(piece, env) : between(piece)))
    .join("");
}

function variable(text: string, env: Env): string {
  const name = /^\$\{([A-Za-z_]\w*)\}$/.exec(text)?.[1];
  if (name === undefined) throw new ExpansionError(`'${text}' is not a variable`);
  const value = env[name];
  if (value === undefined) throw new ExpansionError(`the variable ${name} is not set`);
  return value;
}

/** `~`, `~/x`, `~user` and `~user/x` at the start of a path. */
export function expandTilde(path: string, home: string): string {
  const [, user, rest] = /^~([^/]*)(?:\/+(.*))?$/s.exec(path) ?? [];
  if (user === undefined) return path;
  const base = user === "" ? home : homeOf(user);
  return rest === undefined ? base : `${base.replace(/\/$/, "")}/${rest}`;
}

/** The home of another user. Node has no call for it, but a shell does. */
function homeOf(user: string): string {
  const plain = /^[A-Za-z_][\w.-]*$/.test(user);
  const { stdout } = plain
    ? spawnSync("/bin/sh", ["-c", `echo ~${user}`], { encoding: "utf8" })
    : { stdout: "" };
  const home = stdout?.trimEnd() ?? "";
  if (!home.startsWith("/")) throw new ExpansionError(`there is no user '${user}'`);
  return home;
}
