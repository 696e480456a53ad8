import { BuildoutError, type Section, words } from "../../src/index.ts";

/**
 * The option `environment`: `NAME=value` words; other words are appended, after a space, to the value
 * before them. Throws `invalid-value` if there is none.
 */
export function readEnvironment(section: Section): Record<string, string> {
  const settings: string[] = [];
  for (const word of words(section.get("environment") ?? "")) {
    if (/^[\p{L}_][\p{L}\p{N}_]*=/u.test(word)) settings.push(word);
    else if (settings.length > 0) settings[settings.length - 1] += ` ${word}`;
    else {
      const location = section.location("environment");
      throw new BuildoutError("invalid-value", `Bad environment setting: ${word}`, {
        ...(location && { location }),
        hint: "Write it as NAME=value.",
      });
    }
  }
  return Object.fromEntries(
    settings.map((setting) => {
      const end = setting.indexOf("=");
      return [setting.slice(0, end), setting.slice(end + 1)];
    }),
  );
}
