import { codes } from "./table.ts";

/** Recipes: their code, and the errors they report. */
export const RECIPES = codes({
  "already-exists": {
    meaning: "The target of a download already exists.",
    action: "Remove it, or set `ignore-existing = true`.",
  },
  "checkout-failed": {
    meaning: "Working copies could not be checked out or updated.",
    action: "Read the messages above.",
  },
  "chown-failed": {
    meaning: "The owner of a directory could not be set.",
    action: "Run as root, or correct `user` and `group`.",
  },
  "crontab-failed": {
    meaning: "The crontab could not be read or written.",
    action: "Read the output of `crontab`.",
  },
  "invalid-crontab": {
    meaning: "The recipe's markers in the crontab do not match.",
    action: "Correct it with `crontab -e`.",
  },
  "invalid-encoding": {
    meaning: "Text does not fit the encoding.",
    action: "Set `input-encoding` or `output-encoding`.",
  },
  "invalid-expression": { meaning: "A regular expression is not valid.", action: "Correct it." },
  "invalid-name": {
    meaning: "A name cannot be used for a new package.",
    action: "Use lowercase letters, digits, `-`, `.` and `_`.",
  },
  "invalid-recipe": {
    meaning: "A file exports no recipe.",
    action: "Export `defineRecipe({...})`.",
  },
  "invalid-rewrite": {
    meaning: "A rewrite of mr.developer has the wrong form.",
    action: "Write it as the hint shows.",
  },
  "invalid-source": { meaning: "A line of `[sources]` is wrong.", action: "Correct it." },
  "missing-entry-point": {
    meaning: "A Python distribution has no recipe of this name.",
    action: "Use one that the hint lists.",
  },
  "missing-extension": {
    meaning: "An extension cannot be found.",
    action: "Correct its name, or install the package that has it.",
  },
  "missing-recipe": {
    meaning: "A recipe cannot be found.",
    action: "Correct its name, or install the package that has it.",
  },
  "missing-script": {
    meaning: "A package has no script of this name.",
    action: "Use one that the message lists.",
  },
  "missing-source": { meaning: "A package has no line in `[sources]`.", action: "Add one." },
  "module-error": {
    meaning: "A recipe or extension could not be loaded.",
    action: "Correct the error in its file.",
  },
  "no-arguments": {
    meaning: "There is no recorded command line to repeat.",
    action: "Run `bin/buildout` once.",
  },
  "no-node": {
    meaning: "No Node.js was found where it is expected.",
    action: "Correct the option, or install Node.js.",
  },
  "no-sources": {
    meaning: "The sources to build were not found in the download.",
    action: "Correct `source-directory-contains`.",
  },
  "python-recipe-failed": {
    meaning: "A recipe in Python raised an exception.",
    action: "Correct the recipe; `-v` shows the traceback.",
  },
  "python-worker-died": {
    meaning: "The Python process ended unexpectedly.",
    action: "Read what it printed last.",
  },
  "recipe-error": {
    meaning: "A recipe in Python reported a configuration error.",
    action: "Read the message.",
  },
  "recipe-exception": {
    meaning: "A recipe in JavaScript or TypeScript threw an error.",
    action: "Correct the recipe at the location; `-D` shows the stack.",
  },
  "recipe-exit": {
    meaning: "A recipe in Python ended the run.",
    action: "Read the message and the output above it.",
  },
  "recipe-failed": {
    meaning: "A native recipe failed because of a defect.",
    action: "Report it with the stack that is shown.",
  },
  "recipe-stalled": {
    meaning: "A recipe waits for something that never happens.",
    action: "Correct the recipe.",
  },
  "unknown-encoding": { meaning: "An encoding is unknown.", action: "Correct its name." },
  "unsupported-recipe": {
    meaning: "The native recipe does not support this use.",
    action: "Use the Python recipe instead, with `native-recipes`.",
  },
  "unsupported-repository": {
    meaning: "A kind of repository is not supported.",
    action: "Use one that the hint lists.",
  },
});
