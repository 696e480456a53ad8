import { codes } from "./table.ts";

/** Commands, files and the operating system. */
export const GENERAL = codes({
  "buildout-running": {
    meaning: "Another buildout is running in the same directory.",
    action: "Wait until it ends, or wait longer with `--lock-wait=SECONDS`.",
  },
  "command-failed": {
    meaning: "A command ended with an error.",
    action: "Read its output above the message.",
  },
  "directory-not-made": {
    meaning: "A directory of the buildout could not be created.",
    action: "Check its path and the permissions of the directory above.",
  },
  "file-exists": {
    meaning: "A file or directory that the command would write already exists.",
    action: "Move it away or choose another name.",
  },
  "internal-error": {
    meaning: "A defect of hostout.",
    action: "Report it with the stack that is shown.",
  },
  interrupted: {
    meaning: "The run was interrupted, by Ctrl-C or a signal.",
    action: "Run the command again; the part in progress was rolled back.",
  },
  "invalid-file": {
    meaning: "A file that a recipe or extension keeps or reads is damaged.",
    action: "Correct the line that the message names, or remove the file.",
  },
  "invalid-json": {
    meaning: "A JSON file is not valid.",
    action: "Correct the place that the message names.",
  },
  "is-directory": {
    meaning: "A directory is where a file is expected.",
    action: "Correct the path or remove the directory.",
  },
  "missing-file": {
    meaning: "A file that the configuration or the command line names does not exist.",
    action: "Correct the path.",
  },
  "missing-program": {
    meaning: "A required program is not installed.",
    action: "Install it.",
  },
  "no-parent": {
    meaning: "The parent of a directory to create does not exist.",
    action: "Create it, or set `create-intermediate = yes`.",
  },
  "not-a-directory": {
    meaning: "A file is where a directory is expected.",
    action: "Remove the file or choose another path.",
  },
  "not-utf8": { meaning: "A file is not encoded in UTF-8.", action: "Convert it to UTF-8." },
  "sandbox-failed": {
    meaning: "`hostout-sandbox` could not start.",
    action: "Read the message; it names the option or file.",
  },
  "system-error": {
    meaning: "The operating system refused a request: a full disk, a missing permission.",
    action: "Read the message; it names the file.",
  },
  "unreadable-file": {
    meaning: "A configuration file cannot be read.",
    action: "Check its permissions.",
  },
  "unsafe-removal": {
    meaning: "A path to be removed holds the buildout itself.",
    action: "Remove the path from `.installed.cfg`.",
  },
  usage: { meaning: "The command line is wrong.", action: "Run the command with `--help`." },
});
