import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { dirname as remoteDirname, join as remoteJoin } from "node:path/posix";
import { api, BuildoutError, quote, task, words as wordsOf } from "../../../src/index.ts";
import { checkFolder, writeBundle } from "./context.ts";
import { dockerfile as dockerfileText, type ImagePlan, LOGINS } from "./dockerfile.ts";
import { baseImage } from "./image.ts";

const option = (name: string) => String(api.env[name] ?? "").trim();

/** Throws `invalid-option` if a word could have a special meaning for Docker or a shell. */
function words(name: string, pattern: RegExp): string[] {
  const all = wordsOf(option(name));
  const wrong = all.find((word) => !pattern.test(word));
  if (wrong === undefined) return all;
  throw new BuildoutError("invalid-option", `${api.env.name}:${name}: '${wrong}' cannot be used.`);
}

/** A user of the image, who is never root. */
function account(name: string, otherwise: string): string {
  const user = option(name);
  return user === "" || user === "root" ? otherwise : user;
}

function folderOfImage(path: string): string {
  if (/^\/[\w./+@-]+$/.test(path)) return path;
  throw new BuildoutError("invalid-option", `'${path}' cannot be a directory of an image.`, {
    hint: "Set 'path' and 'buildout-cache' to absolute paths with plain characters.",
  });
}

type Settings = Omit<
  ImagePlan,
  "needsPython" | "hasReleases" | "hasLogins" | "configuration" | "parts" | "pip"
>;

/** The options for the image. */
function settings(): Settings {
  const builder = account("buildout-user", "buildout");
  const path = folderOfImage(option("path"));
  const cache = remoteJoin(remoteDirname(path), "buildout-cache", builder);
  return {
    name: option("name"),
    base: baseImage(option("hostimage"), option("hostos") || undefined),
    path,
    cache: folderOfImage(option("buildout-cache") || cache),
    builder,
    runner: account("effective-user", builder),
    group: option("buildout-group"),
    engine: option("engine") === "python" ? "python" : "node",
    packages: words("docker-packages", /^\w[\w.+:=~-]*$/),
    sudoParts: words("sudo-parts", /./),
    ports: words("docker-ports", /^\d+(\/(tcp|udp))?$/),
    command: option("docker-command"),
  };
}

/** Writes the directory for `docker build`. Returns its path, the release's id, and its secrets. */
async function writeContext(named: string | undefined) {
  const image = settings();
  const folder = resolve(api.project.directory, named ?? join("docker", image.name));
  checkFolder(folder);
  const release = await api.release({ cache: image.cache });
  const { parts, pip, ...bundle } = await writeBundle(folder, release, image.path);
  const [visible] = image.engine === "python" ? bundle.visibleLogins : [];
  if (visible !== undefined) {
    throw new BuildoutError("login-visible", `The image would expose the login of ${visible}.`, {
      hint: "Use one login per host and plain characters in it, or Python 3.11 or newer.",
    });
  }
  const hasLogins = image.engine === "python" && bundle.pipLogins !== "";
  const text = dockerfileText({
    ...image,
    needsPython:
      option("python-version") !== "" || release.packages.some(({ kind }) => kind === "python"),
    hasReleases: release.packages.length > 0,
    configuration: release.configuration,
    parts,
    pip: [...bundle.pipPlaces.flatMap((line) => line.split(" ")), ...pip],
    hasLogins,
  });
  writeFileSync(join(folder, "Dockerfile"), text);
  const shown = relative(api.project.directory, folder) || ".";
  api.note(`Wrote ${shown}/Dockerfile for release ${release.id}`);
  if (image.command === "") {
    api.warn("Without the option 'docker-command', the image has no command to run");
  }
  return { folder, id: release.id, logins: hasLogins ? bundle.pipLogins : undefined };
}

export const dockerfile = task(
  "Write a Dockerfile and everything it needs",
  async (folder?: string) => {
    const { logins } = await writeContext(folder);
    if (logins === undefined) return;
    api.note(
      `The build needs the secret '${LOGINS}', the login of the index; 'dockerbuild' passes it`,
    );
  },
  { arguments: "[DIRECTORY]", example: "dockerfile image" },
);

export const dockerbuild = task(
  "Build the image from the Dockerfile",
  async (...args: string[]) => {
    const [folder, options] = args[0]?.startsWith("-")
      ? [undefined, args]
      : [args[0], args.slice(1)];
    const tool = await findTool();
    const context = await writeContext(folder);
    const tag = option("docker-tag") || `${option("name").toLowerCase()}:${context.id}`;
    const line = (...secret: string[]) =>
      [tool, "build", "-t", tag, ...secret, ...options, context.folder].map(quote).join(" ");
    if (context.logins === undefined) await api.local(line());
    else await withSecret(context.logins, (file) => api.local(buildKit(line(...secretOf(file)))));
    api.note(`Built the image ${tag}`);
  },
  {
    arguments: "[DIRECTORY] [OPTION...]",
    options: "untouched",
    example: "dockerbuild image --no-cache",
  },
);

const secretOf = (file: string) => ["--secret", `id=${LOGINS},src=${file}`];

/** Older versions of Docker support build secrets only with BuildKit switched on. */
const buildKit = (line: string) => `DOCKER_BUILDKIT=1 ${line}`;

/** Calls `use` with a file that only the owner can read, and removes it afterwards. */
async function withSecret(text: string, use: (file: string) => Promise<unknown>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hostout-"));
  try {
    const file = join(folder, LOGINS);
    writeFileSync(file, text, { mode: 0o600 });
    await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Throws `no-docker`. */
async function findTool(): Promise<string> {
  for (const tool of ["docker", "podman"]) {
    const found = await api.hide("everything", () =>
      api.local(`command -v ${tool}`, { capture: true, warnOnly: true }),
    );
    if (found.succeeded) return tool;
  }
  throw new BuildoutError("no-docker", "There is neither docker nor podman on this machine.", {
    hint: `Install one, or run 'bin/hostout ${option("name")} dockerfile' and build the directory elsewhere.`,
  });
}
