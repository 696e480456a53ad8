import { codes } from "./table.ts";

/** Files, sections and options. */
export const CONFIGURATION = codes({
  "ambiguous-directory": {
    meaning: "A configuration from a URL sets a directory to a relative path.",
    action: "Use an absolute path there.",
  },
  "circular-reference": {
    meaning: "Options refer to each other in a circle.",
    action: "Break the circle at one of the options listed below `While:`.",
  },
  "conflicting-options": {
    meaning: "Options cannot be used together.",
    action: "Set only one of them.",
  },
  "empty-option-name": {
    meaning: "An option has no name before its operator.",
    action: "Put a space between the name and `+=` or `-=`.",
  },
  "extended-by": {
    meaning: "The option `extended-by` is no longer supported.",
    action: "Use `extends` in the other file.",
  },
  "invalid-condition": {
    meaning: "The condition of a section cannot be evaluated.",
    action: "Correct the expression between the brackets.",
  },
  "invalid-extends-cache": {
    meaning: "`extends-cache` contains a reference.",
    action: "Write the path out.",
  },
  "invalid-line": {
    meaning: "A line of an option has the wrong form.",
    action: "Write it as the hint shows.",
  },
  "invalid-option": {
    meaning: "An option of a hostout part has a value that it does not accept.",
    action: "Correct the value.",
  },
  "invalid-reference": {
    meaning: "A `${...}` is not a valid reference.",
    action: "Write `${section:option}`, or `$${` for the plain text.",
  },
  "invalid-value": {
    meaning: "An option has a value that it does not accept.",
    action: "Use one of the values that the message or the hint names.",
  },
  "macro-loop": {
    meaning: "Sections inherit from each other in a circle through `<=`.",
    action: "Remove one of the `<=` lines.",
  },
  "missing-cache": {
    meaning: "The directory of a cache does not exist.",
    action: "Create it, or correct the option.",
  },
  "missing-directory": {
    meaning: "`[buildout] directory`, or the working directory, does not exist.",
    action: "Correct the option, or change to another directory.",
  },
  "missing-option": {
    meaning: "An option that is needed or referred to does not exist.",
    action: "Add it, or correct its name.",
  },
  "missing-section": {
    meaning: "A section that is referred to does not exist.",
    action: "Add it, or correct its name.",
  },
  "missing-section-header": {
    meaning: "An option stands before the first section.",
    action: "Put a `[section]` line above it.",
  },
  "no-python": {
    meaning: "An option needs a Python interpreter, and none was found.",
    action: "Install Python, or name one as `executable` in `[buildout]`.",
  },
  "parse-error": {
    meaning: "A line cannot be read.",
    action: "Write a section, an option, a comment or an indented continuation line.",
  },
  "recursive-include": {
    meaning: "Files extend each other in a circle.",
    action: "Remove one of the `extends` lines.",
  },
  "secret-missing": {
    meaning: "The source that an option of `[secrets]` names has no usable value.",
    action: "Set the variable, or correct the path or the command. On a host: deploy again.",
  },
  "secret-not-read": {
    meaning: "A recipe reads a secret without awaiting it.",
    action: "Use `await section.read(option)` in the recipe.",
  },
  "secrets-file-invalid": {
    meaning: "A decrypted line of secrets.age is not a secret.",
    action: "Correct the line with `hostout secrets edit`.",
  },
  "secrets-locked": {
    meaning: "secrets.age cannot be decrypted with the available keys.",
    action: "Ask a member to add your public key, which `hostout secrets key` prints.",
  },
  "section-exists": {
    meaning: "A section with this name already exists.",
    action: "Rename one of the two.",
  },
  "unsupported-option": {
    meaning: "An option only works with the Python original of the recipe.",
    action: "Use the Python recipe instead, with `native-recipes`.",
  },
  "value-too-long": {
    meaning: "An option grows endlessly through `+=`.",
    action: "Check whether several files extend the one that adds to it.",
  },
});
