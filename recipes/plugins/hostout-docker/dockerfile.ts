import { join } from "node:path/posix";
import { quote } from "../../../src/index.ts";
import { type BaseImage, installPackages, makeUsers } from "./image.ts";

/** The start of each file that we may overwrite. */
export const MARK = "# Made by hostout";

/** Directories of the bundle, next to the Dockerfile. */
export const ENGINE = "bundle/engine";
export const PACKAGES = "bundle/packages";
export const BUILDOUT = "bundle/buildout";

/** The secret of the build: a netrc file for pip; neither the directory nor the image contains it. */
export const LOGINS = "hostout-netrc";

export interface ImagePlan {
  /** The hostout part. */
  name: string;
  base: BaseImage;
  /** Absolute paths of the buildout, its eggs and its downloads in the image. */
  path: string;
  cache: string;
  /** The owner of the code; the owner of `var`, who runs the application; their common group. */
  builder: string;
  runner: string;
  group: string;
  engine: "node" | "python";
  /** What pip installs for `engine = python`. */
  pip: readonly string[];
  /** pip needs logins for that. */
  hasLogins: boolean;
  needsPython: boolean;
  /** Packages of the system. */
  packages: readonly string[];
  hasReleases: boolean;
  /** The configuration to build. */
  configuration: string;
  /** In order; undefined: from the configuration. */
  parts: readonly string[] | undefined;
  sudoParts: readonly string[];
  ports: readonly string[];
  command: string;
}

const run = (commands: readonly string[]) => `RUN ${commands.join(" \\\n && ")}\n`;

/** The same text for the same plan, independent of time and place. */
export function dockerfile(plan: ImagePlan): string {
  const { base, path, cache, builder, runner, group, configuration, name } = plan;
  const owner = `--chown=${builder}:${group}`;
  const folders = ["eggs", "downloads/dist", "extends"].map((folder) => join(cache, folder));
  const build = (args: string) => run(["umask 027", `bin/buildout -c ${configuration}${args}`]);
  const own = plan.parts?.filter((part) => !plan.sudoParts.includes(part)) ?? [];
  const needsNode = plan.engine === "node";
  const lines = [
    `${MARK}: bin/hostout ${name} dockerfile\n`,
    `FROM ${base.name}\n`,
    run(
      installPackages(base, {
        node: needsNode,
        python: plan.needsPython || !needsNode,
        packages: plan.packages,
      }),
    ),
    run([
      ...makeUsers(base, plan),
      `mkdir -p ${[`${path}/var`, ...folders].join(" ")}`,
      `chown -R ${builder}:${group} ${path} ${cache}`,
      `chmod 2750 ${path} ${cache}`,
    ]),
    `WORKDIR ${path}\n`,
    `USER ${builder}\n`,
    ...(needsNode ? [`COPY ${owner} ${ENGINE}/ ./\n`] : []),
    ...(plan.hasReleases ? [`COPY ${owner} ${PACKAGES}/ ${cache}/downloads/dist/\n`] : []),
    ...(needsNode ? [] : [installZcBuildout(plan)]),
    `COPY ${owner} ${BUILDOUT}/ ./\n`,
    ...(plan.parts === undefined || plan.parts.length === 0
      ? [build("")]
      : own.map((part) => build(` install ${quote(part)}`))),
    "USER root\n",
    ...plan.sudoParts.map((part) => build(` install ${quote(part)}`)),
    run([
      `find ${path} ${cache} -path ${path}/var -prune -o ! -group ${group} -exec chgrp -h ${group} {} +`,
      `find ${path} ${cache} -path ${path}/var -prune -o ! -type l -perm /027 -exec chmod g-w,o-rwx {} +`,
      `mkdir -p var && chown -R ${runner}:${group} var && chmod -R u+rwX,g+rwX,o-rwx var`,
    ]),
    `USER ${runner}\n`,
    ...(plan.ports.length > 0 ? [`EXPOSE ${plan.ports.join(" ")}\n`] : []),
    ...(plan.command === "" ? [] : [`CMD ${JSON.stringify(commandWords(plan.command, path))}\n`]),
  ];
  return lines.join("\n");
}

function installZcBuildout({ pip, hasLogins }: ImagePlan): string {
  // Readable for the buildout user while pip runs.
  const mount = `--mount=type=secret,id=${LOGINS},mode=0444,required=true \\\n    `;
  const logins = hasLogins ? `NETRC=/run/secrets/${LOGINS} ` : "";
  const words = pip.map(quote).join(" ");
  const lines = run([
    "umask 027",
    "python3 -m venv .",
    `${logins}bin/python -m pip install --disable-pip-version-check --no-cache-dir ${words}`,
  ]);
  return hasLogins ? lines.replace("RUN ", `RUN ${mount}`) : lines;
}

/** Plain words are executed directly; anything else is passed to a shell. */
function commandWords(command: string, path: string): string[] {
  if (!/^[\w@%+=:,./\s-]+$/.test(command)) return ["/bin/sh", "-c", command];
  const [program = "", ...args] = command.split(/\s+/);
  const isRelative = program.includes("/") && !program.startsWith("/");
  return [isRelative ? join(path, program) : program, ...args];
}
