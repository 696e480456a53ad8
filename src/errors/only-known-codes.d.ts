// Makes a misspelled code a compiler error; this file is not published.
import "./codes.ts";

declare module "./codes.ts" {
  interface CodeRules {
    onlyKnown: true;
  }
}
