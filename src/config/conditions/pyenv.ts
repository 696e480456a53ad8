/**
 * The launchers that pyenv puts on the PATH instead of interpreters. They are many times slower than the
 * interpreter itself, which is cached here.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The nearest `.python-version` from a folder upwards. */
function localVersion(folder: string | undefined): string | undefined {
  if (folder === undefined || !folder.startsWith("/")) return undefined;
  for (let at = folder; ; at = dirname(at)) {
    const text = textOf(join(at, ".python-version"));
    if (text !== undefined || at === "/") return text;
  }
}

/**
 * Everything that determines which interpreter a pyenv launcher starts in `directory`, as one string;
 * undefined for other launchers and if there are user hooks.
 */
export function pyenvChoice(launcher: string, env: Env, directory: string): string | undefined {
  if (env.PYENV_HOOK_PATH) return undefined;
  const script = textOf(launcher) ?? "";
  const root = /^export PYENV_ROOT="([^"]+)"$/m.exec(script)?.[1];
  if (root === undefined || !/^exec "[^"]*pyenv" exec "\$program"/m.test(script)) return undefined;
  const { PYENV_VERSION, PYENV_DIR, PATH, PWD } = env;
  const installed = statSync(join(root, "versions"), { throwIfNoEntry: false })?.mtimeMs;
  return JSON.stringify([
    ...[launcher, script, PYENV_VERSION, PATH, installed, textOf(join(root, "version"))],
    ...[PYENV_DIR, PWD, directory].map(localVersion),
  ]);
}
