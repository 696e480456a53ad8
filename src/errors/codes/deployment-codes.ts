import { codes } from "./table.ts";

/** Hosts, releases, commands and plugins. */
export const DEPLOYMENT = codes({
  aborted: { meaning: "A fabfile ended the run.", action: "Read the message." },
  "bad-file-name": {
    meaning: "The name of a file to upload has a line break or is not UTF-8.",
    action: "Rename the file.",
  },
  "cannot-relocate": {
    meaning: "Binary files of a staged build contain its path.",
    action: "Set `staging` to the same path as on the host.",
  },
  "changed-while-reading": {
    meaning: "A file changed while it was being packed.",
    action: "Run the command again.",
  },
  "fabfile-exit": {
    meaning: "A fabfile ended the run with an exit status.",
    action: "Read the message and the output above it.",
  },
  "fabfile-failed": {
    meaning: "A fabfile raised an exception.",
    action: "Correct the fabfile at the location; `--debug` shows the traceback.",
  },
  "fabfile-syntax": {
    meaning: "A fabfile is not written in Python 3.",
    action: "Translate it with 2to3.",
  },
  "file-missing": {
    meaning: "A local file or directory to send does not exist.",
    action: "Correct the path.",
  },
  "flock-missing": {
    meaning: "The host has no `flock`, which keeps deployments apart.",
    action: "Install util-linux or BusyBox there.",
  },
  "host-locked": {
    meaning:
      "Another deployment of the same directory is under way, or somebody keeps deployments out.",
    action: "Try again later, wait with `--lock-wait`, or see `bin/hostout HOST lock`.",
  },
  "include-missing": {
    meaning: "`include` names something that does not exist.",
    action: "Correct the option.",
  },
  "include-unreadable": {
    meaning: "A file of `include` cannot be read.",
    action: "Check its permissions.",
  },
  "invalid-hostimage": {
    meaning: "`hostimage` is not the name of an image.",
    action: "Correct the option.",
  },
  "invalid-plan": {
    meaning: "The file of `--from` is not a plan, or is one for another host or project.",
    action: "Make one with `bin/hostout HOST deploy --plan --out FILE`.",
  },
  "local-command-failed": {
    meaning: "A command on this machine failed.",
    action: "Read its output.",
  },
  "lock-failed": {
    meaning: "The lock on the host cannot be acquired or released.",
    action: "Read the output; the user needs to be able to write in `PATH/.hostout`.",
  },
  "lock-lost": {
    meaning: "A deployment lost its lock on the host before it ended.",
    action: "Somebody released it by force: find out why, then deploy again.",
  },
  "no-buildout": {
    meaning: "The directory is not a buildout, or was never built.",
    action: "Run `bin/buildout` first, or change the directory.",
  },
  "no-compiler": {
    meaning: "The host has no C compiler or no make.",
    action: "Install gcc and make there.",
  },
  "no-docker": {
    meaning: "Neither docker nor podman is installed here.",
    action: "Install one of them, or only write the Dockerfile.",
  },
  "no-fabfile": {
    meaning: "A fabfile does not exist.",
    action: "Correct `fabfiles` and run `bin/buildout` again.",
  },
  "no-host": { meaning: "A hostout part has no `host`.", action: "Add the option." },
  "no-health-tool": {
    meaning: "The host has no program to fetch the URL of `health-check` with.",
    action: "Install curl, wget, Python 3 or Node there.",
  },
  "no-hostout-cfg": {
    meaning: "`parts/hostout/hostout.cfg` cannot be read.",
    action: "Run `bin/buildout` first.",
  },
  "no-public-key": {
    meaning: "There is no public key to authorize.",
    action: "Make one with ssh-keygen, or name a file.",
  },
  "no-release": {
    meaning: "The requested release is not on the host.",
    action: "Run `bin/hostout HOST releases` to list those that are.",
  },
  "no-rsync": {
    meaning: "rsync is not installed here.",
    action: "Install it here and on the host, or use `put`.",
  },
  "no-sudo": {
    meaning: "The part forbids sudo.",
    action: "Remove `no-sudo = true`, or use `run`.",
  },
  "no-terminal": {
    meaning: "A question cannot be asked without a terminal.",
    action: "Run on a terminal, or give the answer as an argument.",
  },
  "no-versions-file": {
    meaning: "`hostoutversions.cfg` cannot be read.",
    action: "Run `bin/buildout` first.",
  },
  "node-too-old": { meaning: "Node.js on the host is too old.", action: "Run `bootstrap_node`." },
  "not-a-file": {
    meaning: "`include` names something that is neither a file nor a directory.",
    action: "Remove it.",
  },
  "not-ours": {
    meaning: "The target directory exists and was not made by this command.",
    action: "Choose another directory.",
  },
  "not-staged": {
    meaning: "There is no complete staged build.",
    action: "Run `stage` first, or `deploy`.",
  },
  "not-uploaded": {
    meaning: "The release is not on the host.",
    action: "Run `uploadeggs uploadbuildout`, or `deploy`.",
  },
  "other-platform": {
    meaning: "This machine and the host have different platforms.",
    action: "Deploy without `hostout.pushdeploy`.",
  },
  "outside-buildout": {
    meaning: "A path points outside the buildout.",
    action: "Use a path inside it.",
  },
  "outside-command": {
    meaning: "A fabfile uses the host while it is being loaded.",
    action: "Do it inside a function.",
  },
  "password-file-unreadable": {
    meaning: "A password file cannot be read.",
    action: "Correct `password-file`, or run `bin/buildout` again.",
  },
  "public-key-unreadable": {
    meaning: "The public key of a private key cannot be read.",
    action: "Write it with `ssh-keygen -y`.",
  },
  "python-build-failed": {
    meaning: "Python could not be built on the host.",
    action: "Read the end of the output.",
  },
  "python-version-needed": {
    meaning: "The Python version to build is incomplete.",
    action: "Set all of `python-version`.",
  },
  "reboot-failed": { meaning: "The reboot command failed.", action: "Read its output." },
  "reboot-timeout": { meaning: "The host did not come back in time.", action: "Look at the host." },
  "remote-buildout-failed": {
    meaning: "The buildout on the host failed.",
    action: "Read its output above; the previous release is untouched.",
  },
  "remote-command-failed": { meaning: "A command on the host failed.", action: "Read its output." },
  "rsync-failed": { meaning: "rsync failed.", action: "Read its output." },
  "sources-not-pushed": {
    meaning: "Develop packages have changes that are not pushed.",
    action: "Commit and push them.",
  },
  "staging-is-project": {
    meaning: "The staging directory holds the project itself.",
    action: "Set `staging` to another directory.",
  },
  "staging-is-the-host": {
    meaning: "The staging directory is the host's own directory.",
    action: "Set `staging` to another directory.",
  },
  "staging-not-writable": {
    meaning: "The staging directory cannot be written.",
    action: "Make it writable, or set `staging`.",
  },
  "stale-plan": {
    meaning: "A deployment would differ from the plan of `--from`.",
    action: "See the message for the difference, and make a new plan.",
  },
  "strict-command-failed": {
    meaning:
      "A command of `pre-commands` or `post-commands` failed, with `strict-commands = true`.",
    action: "Correct the command, and deploy again.",
  },
  "supervisor-down": { meaning: "supervisord does not answer.", action: "Read its log." },
  "supervisor-restart-failed": {
    meaning: "A program did not restart.",
    action: "Read the output and the program's log.",
  },
  "data-version-differs": {
    meaning: "The application's data does not match the release to roll back to.",
    action: "Restore the data first, or add `--data-ok` if the release can work with them.",
  },
  "editor-failed": {
    meaning: "The editor of `hostout secrets edit` ended with an error.",
    action: "Set the environment variable `EDITOR` to your editor.",
  },
  "secrets-need-host": {
    meaning: "A plugin builds a release away from its host, but parts refer to `[secrets]`.",
    action: "Deploy without the plugin, or let the parts read a file that is on the host.",
  },
  "secrets-need-node": {
    meaning:
      "Parts of a host with `engine = python` refer to `[secrets]`, which zc.buildout does not know.",
    action: "Use `engine = node`, or let the parts read a file that is on the host.",
  },
  "state-damaged": {
    meaning: "The records of releases on a host are damaged or are not hostout's.",
    action: "Read the message.",
  },
  "symlink-escapes": {
    meaning: "A link in `include` points outside the buildout.",
    action: "Include its target, or make it relative.",
  },
  unhealthy: {
    meaning:
      "`health-check` did not pass after a deployment or a rollback. The last line says where the host is now.",
    action:
      "Read the answers and logs below the message, correct the application and deploy again.",
  },
  "unknown-command": {
    meaning: "There is no command with this name.",
    action: "Run `bin/hostout HOST` for the list.",
  },
  "unknown-extends": {
    meaning: "`extends` of a hostout part names neither a part nor a plugin.",
    action: "Correct the name.",
  },
  "unknown-fact": {
    meaning: "A Python fabfile asked for something unknown.",
    action: "Correct the fabfile.",
  },
  "unknown-host": {
    meaning: "There is no host with this name.",
    action: "Use one that the hint lists, or `all`.",
  },
  "unknown-hostimage": { meaning: "An image is unknown.", action: "Set `hostos`." },
  "unknown-plugin": { meaning: "A plugin is not installed.", action: "Run `bin/buildout` again." },
  "unknown-template-name": {
    meaning: "A template uses a name that has no value.",
    action: "Pass the value, or correct the name.",
  },
  "zc-buildout-missing": {
    meaning: "zc.buildout could not be installed on the host.",
    action: "Set `index` to a package index that the host can reach.",
  },
});
