import { codes } from "./table.ts";

/** Warnings of `lint` and of runs. */
export const LINT = codes({
  "cut-name": {
    meaning: "An operator without a space before it changes the name of the option.",
    action: "Put a space before the operator.",
  },
  "dependency-links": {
    meaning:
      "`dependency_links` of a Python distribution were ignored: it was only just installed, or `allow-hosts` excludes their host.",
    action: "Add the places to `find-links`.",
  },
  "develop-missing": {
    meaning: "`develop` names a directory that does not exist; a run continues without it.",
    action: "Correct the path, or check the package out.",
  },
  "duplicate-option": {
    meaning: "A file sets an option twice in one section.",
    action: "Remove one of the two.",
  },
  "option-without-effect": {
    meaning:
      "An option of a hostout part has no effect without another one, or because of another one.",
    action: "Add the other option, or remove this one.",
  },
  "misspelt-option": {
    meaning: "An unused option of a hostout part has almost the name of a known one.",
    action: "Correct its name.",
  },
  "misspelt-section": {
    meaning: "An unused section has almost the name of one that is missing.",
    action: "Correct its name.",
  },
  "old-namespaces": {
    meaning: "A Python package under development declares namespace packages in the old way.",
    action: "Remove `namespace_packages` and the `__init__.py` of the namespace (PEP 420).",
  },
  "secret-readable": {
    meaning: "A file made by a part contains a secret, and every user of the machine can read it.",
    action: "Set its permissions in the part, such as `mode = 0600`.",
  },
  "stale-copy": {
    meaning: "A cached copy of a URL is used because the URL cannot be read.",
    action: "Check the network.",
  },
  "unknown-recipe": {
    meaning: "A recipe is neither native nor installed here.",
    action: "Install the package that has it; a run does so for Python recipes.",
  },
  "exposed-key": {
    meaning: "The private key of a host is in git, or would be added to it.",
    action: "Add the key to `.gitignore`; if git has it, run `git rm --cached KEY`.",
  },
  "unused-option": {
    meaning: "Nothing reads an option.",
    action: "Remove it, or correct its name.",
  },
  "unused-pin": { meaning: "Nothing uses a pin.", action: "Remove it." },
  "unused-section": {
    meaning: "Nothing uses a section.",
    action: "Remove it, or correct its name.",
  },
});
