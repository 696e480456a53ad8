/** What `%h`, `%p` and so on stand for; without the key `%%`. */
export type Tokens = Readonly<Record<string, string>>;
type Env = Readonly<Record<string, string | undefined>>;

/** A value that cannot be expanded; the caller knows where it was written. */
export class ExpansionError extends Error {}

/** Replaces `%%` and the tokens given; any other `%x` is an error, as it is for ssh. */
export function expandTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(/%(.?)/gs, (token, name: string) => {
    if (name === "%") return "%";
    const value = Object.hasOwn(tokens, name) ? tokens[name] : undefined;
    if (value === undefined) throw new ExpansionError(`'${token}' is not a token that it takes`);
    return value;
  });
}

/** Replaces `${NAME}` by the environment's value and, in the same pass, tokens. */
export function expandAll(text: string, tokens: Tokens, env: Env): string {
  return text
    .split(/(\$\{[^}]*\}?)/)
    .map((piece) => (piece.startsWith("${") ? variable(piece, env) : expandTokens(piece, tokens)))
    .join("");
}

function variable(text: string, env: Env): string {
  const name = /^\$\{([A-Za-z_]\w*)\}$/.exec(text)?.[1];
  if (name === undefined) throw new ExpansionError(`'${text}' is not a variable`);
  const value = env[name];
  if (value === undefined) throw new ExpansionError(`the variable ${name} is not set`);
  return value;
}

/** `~` and `~/x` at the start of a path. */
export function expandTilde(path: string, home: string): string {
  return path.replace(/^~(?=\/|$)/, () => home);
}
