/** Name and password in a URL, after its scheme. */
const LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi;

/** The options without logins in URLs. */
export function shownOptions(options: Iterable<[string, string]>): Record<string, string> {
  return Object.fromEntries([...options].map(([option, value]) => [option, shownValue(value)]));
}

/** A value without logins in URLs. */
export function shownValue(value: string): string {
  return value.replace(LOGIN, "$1");
}
