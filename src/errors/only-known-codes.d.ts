// Here a misspelt code is an error of the compiler; this file is not published.
import "./codes.ts";

declare module "./codes.ts" {
  interface CodeRules {
    onlyKnown: true;
  }
}
