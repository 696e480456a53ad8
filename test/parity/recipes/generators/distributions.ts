/** Replacements for the distributions from which scripts are made. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeWheel } from "../../../support/wheel.ts";
import type { Place } from "../life.ts";

function write(folder: string): void {
  writeWheel(folder, "supervisor", "4.2", {
    entryPoints:
      "[console_scripts]\nsupervisord = supervisor:daemon\nsupervisorctl = supervisor:control\n",
  });
  writeWheel(folder, "standin.plugin", "1.0", {
    metadata: ["Requires-Dist: supervisor"],
    entryPoints: "[console_scripts]\nplugged = standin_plugin:main\n",
    files: { "standin/plugin/__init__.py": "" },
  });
  writeWheel(folder, "zope.testrunner", "6.4", { files: { "zope/testrunner/__init__.py": "" } });
}

/** Both engines install from one directory, and keep what they have installed. */
export function distributions({ top }: Place): readonly string[] {
  const links = join(top, "links");
  if (!existsSync(links)) write(links);
  return [
    `buildout:find-links=${links}`,
    "buildout:index=http://127.0.0.1:9/no-index/",
    `buildout:eggs-directory=${join(top, "eggs")}`,
    "buildout:newest=false",
  ];
}
