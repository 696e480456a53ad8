/** What each code means and what to do about it, as `docs/errors.md` shows it. */
export type CodeTable<Code extends string = string> = Readonly<
  Record<Code, { meaning: string; action: string }>
>;

/** The table as it is. Its type has the codes but not their texts, which published types do without. */
export const codes = <Code extends string>(table: CodeTable<Code>): CodeTable<Code> => table;
