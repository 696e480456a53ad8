/** What the names of options have whose values are not for everybody. */
const NAMES = "passw|passphrase|secret|token|api[-_]?key|credential";
const OPTION = new RegExp(
  `^([-+ ]?\\s*[\\w.-]*(?:${NAMES})[\\w.-]*\\s*[+-]?[=:]\\s*)\\S.*$`,
  "gim",
);
const NAME = new RegExp(NAMES, "i");
/** Name and password in an address, behind its scheme. */
const LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+@/gi;

/** A text, or a diff, without passwords as far as the names of options, and addresses, tell them. */
export function withoutSecrets(text: string): string {
  return text.replace(OPTION, "$1***").replace(LOGIN, "$1***@");
}

export function isSecretName(option: string): boolean {
  return NAME.test(option);
}
