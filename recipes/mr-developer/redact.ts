/**
 * A text without the credentials of the URLs in it: `https://user:secret@host/` becomes
 * `https://***@host/`. A user name alone is kept (`ssh://git@host/`), except for http, where it may
 * be a token.
 */
export function redact(text: string): string {
  return text.replace(
    /\b([a-z][a-z0-9+.-]*):\/\/([^\s/@'"]+(?:@[^\s/@'"]+)*)@/gi,
    (whole, scheme: string, user: string) =>
      user.includes(":") || /^https?$/i.test(scheme) ? `${scheme}://***@` : whole,
  );
}
