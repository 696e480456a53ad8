import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Bin } from "../../src/index.ts";

/** Common settings of a part's scripts. */
export interface Runtime {
  /** The node executable. */
  node: string;
  /** The directory with the part's `node_modules`. */
  location: string;
  /**
   * Packages under development are links to their source. Node must not resolve the links, since their
   * dependencies are on the link's side.
   */
  keepLinks: boolean;
}

/** Quotes a word for a POSIX shell (XCU 2.2.2). */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function nodeCommand({ node, keepLinks }: Runtime): string[] {
  return keepLinks ? [node, "--preserve-symlinks", "--preserve-symlinks-main"] : [node];
}

/**
 * A script that is replaced by the command: `exec` keeps the process id, so that signals reach it. `args`
 * come before the caller's own.
 */
export function commandScript(bin: Bin, args: readonly string[], runtime: Runtime): string {
  const command =
    bin.nodeOptions === undefined
      ? [bin.file]
      : [...nodeCommand(runtime), ...bin.nodeOptions, bin.file];
  return `#!/bin/sh\nexec ${[...command, ...args].map(quote).join(" ")} "$@"\n`;
}

/** Node with access to the part's packages: `require` by NODE_PATH, `import` by a hook. */
export function interpreterScript(hookFile: string, runtime: Runtime): string {
  const command = [...nodeCommand(runtime), "--import", pathToFileURL(hookFile).href];
  return `#!/bin/sh
NODE_PATH=${quote(path.join(runtime.location, "node_modules"))}\${NODE_PATH:+:$NODE_PATH}
export NODE_PATH
exec ${command.map(quote).join(" ")} "$@"
`;
}

/**
 * A preload module that lets `import` find the packages below `location` if Node's own search fails. (Node
 * only supports NODE_PATH for `require`.)
 */
export function importHook(location: string): string {
  const parent = pathToFileURL(path.join(location, "interpreter.mjs")).href;
  return `import * as module from "node:module";

const parentURL = ${JSON.stringify(parent)};
const isPackage = (name) => !/^[./#]|^[a-z][a-z+.-]*:/i.test(name);
const isMissing = (error) => error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND";

if (module.registerHooks) {
  module.registerHooks({
    resolve(name, context, next) {
      try {
        return next(name, context);
      } catch (error) {
        if (!isPackage(name) || !isMissing(error)) throw error;
        return next(name, { ...context, parentURL });
      }
    },
  });
} else {
  const hooks = \`
    const parentURL = \${JSON.stringify(parentURL)};
    const isPackage = \${isPackage};
    const isMissing = \${isMissing};
    export async function resolve(name, context, next) {
      try {
        return await next(name, context);
      } catch (error) {
        if (!isPackage(name) || !isMissing(error)) throw error;
        return next(name, { ...context, parentURL });
      }
    }\`;
  module.register(\`data:text/javascript,\${encodeURIComponent(hooks)}\`);
}
`;
}
