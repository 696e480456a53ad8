import { codes } from "./table.ts";

/** What `lint` and a run warn about. */
export const LINT = codes({
  "cut-name": {
    meaning:
      "The space before an operator is missing, so its first character is lost from the option's name.",
    action: "Put a space before the operator.",
  },
  "dependency-links": {
    meaning:
      "`dependency_links` of a Python distribution were not looked at: it was only just installed, or `allow-hosts` rules their host out.",
    action: "Add the places to `find-links`.",
  },
  "develop-missing": {
    meaning: "`develop` names a directory that is not there; a run goes on without it.",
    action: "Correct the path, or check the package out.",
  },
  "duplicate-option": {
    meaning: "A file sets an option twice in one section.",
    action: "Remove one of the two.",
  },
  "option-without-effect": {
    meaning: "An option of a hostout part does nothing without another one, or beside it.",
    action: "Add the other option, or remove this one.",
  },
  "misspelt-option": {
    meaning:
      "Nothing reads an option of a hostout part, and it has nearly the name of a known one.",
    action: "Correct its name.",
  },
  "misspelt-section": {
    meaning: "A section that nothing uses has nearly the name of one that is missing.",
    action: "Correct its name.",
  },
  "old-namespaces": {
    meaning: "A Python package under development declares namespace packages in the old way.",
    action: "Remove `namespace_packages` and the `__init__.py` of the namespace (PEP 420).",
  },
  "secret-readable": {
    meaning: "A file that a part has made holds a secret, and anybody on the machine may read it.",
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
    meaning: "git has a private key of a host, or would take it.",
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
