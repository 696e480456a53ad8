import { expect } from "vitest";
import type { TestProject } from "./deploy-project.ts";
import { PYTHON } from "./libcloud.ts";

/** Makes each of `hosts` a part that extends hostout.cloud, for the interpreter that has libcloud. */
export async function configureCloud(
  project: TestProject,
  options: Readonly<Record<string, string>>,
  { hosts = ["web"], secrets = "" }: { hosts?: readonly string[]; secrets?: string } = {},
): Promise<void> {
  const all = { recipe: "hostout", extends: "hostout.cloud", buildout: "prod.cfg", ...options };
  const lines = Object.entries(all).map(
    ([name, value]) => `${name} = ${value.replaceAll("\n", "\n    ")}\n`,
  );
  project.write({
    "buildout.cfg": `[buildout]
parts = ${hosts.join(" ")}
offline = true
python = py
[py]
executable = ${PYTHON}
[secrets]
${secrets}
${hosts.map((name) => `[${name}]\n${lines.join("")}`).join("")}`,
  });
  const { status, stdout, stderr } = await project.buildout();
  expect([status, stderr], stdout).toEqual([0, ""]);
}
