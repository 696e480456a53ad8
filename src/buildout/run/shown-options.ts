/** Name and password in an address, behind its scheme. */
const LOGIN = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi;

/** The options without the logins in addresses. */
export function shownOptions(options: Iterable<[string, string]>): Record<string, string> {
  return Object.fromEntries([...options].map(([option, value]) => [option, shownValue(value)]));
}

/** A value without the logins in its addresses. */
export function shownValue(value: string): string {
  return value.replace(LOGIN, "$1");
}
