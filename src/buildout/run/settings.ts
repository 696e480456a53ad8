import { fromDirectory } from "../../contract/paths.ts";
import type { PackageSettings, Settings } from "../../contract/settings.ts";
import { LEVELS } from "../../events/levels.ts";
import { words } from "../../pythonic/text.ts";

type Read = (option: string) => string | undefined;

function logLevel(read: Read): number {
  const name = read("log-level") ?? "INFO";
  const level = (LEVELS as Record<string, number>)[name] ?? Number(name);
  return level - Number(read("verbosity") ?? 0);
}

function nativeRecipes(value: string | undefined): (recipe: string) => boolean {
  if (value === undefined || value === "true") return () => true;
  if (value === "false") return () => false;
  const names = new Set(words(value));
  return (recipe) => names.has(recipe);
}

function packageSettings(read: Read): PackageSettings {
  return {
    executable: read("executable") ?? "",
    index: read("index") || undefined,
    findLinks: words(read("find-links") ?? ""),
    allowHosts: words(read("allow-hosts") ?? "*"),
    preferFinal: read("prefer-final") !== "false",
    allowPicked: read("allow-picked-versions") !== "false",
    allowUnknownExtras: read("allow-unknown-extras") === "true",
    useDependencyLinks: read("use-dependency-links") !== "false",
    installFromCache: read("install-from-cache") === "true",
    installer: read("installer") ?? "auto",
  };
}

/** The engine's own options; `read` returns the value of an option of `[buildout]`. */
export function readSettings(read: Read): Settings {
  const directory = fromDirectory(process.cwd(), read("directory") ?? "");
  const folder = (option: string) => fromDirectory(directory, read(option) ?? "");
  const optional = (option: string) => {
    const path = read(option);
    return path ? fromDirectory(directory, path) : undefined;
  };
  const offline = read("offline") === "true";
  return {
    directory,
    binDirectory: folder("bin-directory"),
    partsDirectory: folder("parts-directory"),
    developEggsDirectory: folder("develop-eggs-directory"),
    eggsDirectory: folder("eggs-directory"),
    downloadCache: optional("download-cache"),
    extendsCache: optional("extends-cache"),
    installed: optional("installed"),
    offline,
    newest: !offline && read("newest") === "true",
    log: { level: logLevel(read), format: read("log-format") ?? "" },
    socketTimeout: read("socket-timeout") ?? "",
    allowsNative: nativeRecipes(read("native-recipes")),
    python: packageSettings(read),
  };
}
