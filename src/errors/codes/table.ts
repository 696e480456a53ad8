/** What a code means and what to do about it, as `docs/errors.md` shows it. */
interface CodeHelp {
  meaning: string;
  action: string;
}

export type CodeTable = Readonly<Record<string, CodeHelp>>;
