import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { PythonDistribution } from "../../src/distributions/python/python-distribution.ts";
import { debianWheels } from "./index-server.ts";

/** Debian's distributions with these names, unpacked side by side into a new directory. */
export async function unpackWheels(
  names: readonly string[],
  folder: string,
): Promise<PythonDistribution[]> {
  mkdirSync(folder, { recursive: true });
  const wheels = await debianWheels();
  const all = readdirSync(wheels).filter((file) => file.endsWith(".whl"));
  return names.map((name) => {
    const wheel = all.find((file) => file.startsWith(`${name}-`))!;
    execFileSync("python3", ["-m", "zipfile", "-e", join(wheels, wheel), folder]);
    const [, version = ""] = wheel.split("-");
    return {
      kind: "python",
      name,
      version,
      requiredBy: [],
      location: folder,
      metadata: join(folder, `${name}-${version}.dist-info`),
      developed: false,
      shared: false,
    };
  });
}
