import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { BuildoutError } from "../../errors/error.ts";
import { VERSION } from "../../program/version.ts";
import { formatError } from "../../report/error.ts";
import { quoteAll } from "../../ssh/commands/quote.ts";
import { startSandbox } from "../../ssh/sandbox/sandbox.ts";
import { unusual } from "../../system/file-kind.ts";
import { reasonOf } from "../../system/reason.ts";
import { directoryIfAny } from "../working-directory.ts";
import { ownSettings } from "./own-settings.ts";
import { HELP, readSandboxOptions, type SandboxOptions } from "./sandbox-options.ts";

const WRONG_USAGE = 2;

/** Serves until a signal ends it. Returns the exit status. */
export async function runSandbox(argv: readonly string[]): Promise<number> {
  try {
    const options = readSandboxOptions(argv);
    if (options.help || options.version) {
      process.stdout.write(`${options.help ? HELP : VERSION}\n`);
      return 0;
    }
    await serve(options);
    return 0;
  } catch (error) {
    process.stderr.write(formatError(error, { directory: directoryIfAny() }));
    return error instanceof BuildoutError && error.code === "usage" ? WRONG_USAGE : 1;
  }
}

async function serve(options: SandboxOptions): Promise<void> {
  const temporary = options.root === undefined;
  if (options.root !== undefined) await makeRoot(options.root);
  const root = options.root ?? (await mkdtemp(join(tmpdir(), "hostout-sandbox-")));
  const { key, port, user } = options;
  const identityFile = key?.replace(/\.pub$/, "");
  const password =
    options.password ?? (key === undefined ? randomBytes(9).toString("base64url") : undefined);
  // Set up before anything is printed: a program may end it as soon as it has read the address.
  const ended = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, resolve);
  });
  const sandbox = await startSandbox({
    root,
    settings: ownSettings(process.env, homedir(), root),
    ...(temporary ? {} : { hostKeyFile: join(root, ".ssh/host_key") }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(identityFile === undefined ? {} : { authorizedKey: await readPublicKey(identityFile) }),
  });

  const login = {
    ...(password === undefined ? {} : { password }),
    ...(identityFile === undefined ? {} : { "identity-file": identityFile }),
  };
  const { hostKey } = sandbox;
  if (options.json) {
    const { host, user: name } = sandbox;
    const facts = { host, port: sandbox.port, user: name, root: sandbox.root, hostKey, ...login };
    console.log(JSON.stringify(facts));
  } else {
    const { host, user: name } = sandbox;
    const identity = identityFile === undefined ? [] : ["-i", identityFile];
    const ssh = quoteAll(["ssh", "-p", String(sandbox.port), ...identity, `${name}@${host}`]);
    const lines = {
      host: `${host}:${sandbox.port}`,
      user: name,
      ...login,
      "accept-new": "true",
      path: join(sandbox.root, "app"),
    };
    console.log(`Serving ${sandbox.root} over SSH; Ctrl-C ends it.\n\n  ${ssh}\n`);
    console.log("Options for a hostout part:\n");
    for (const [name, value] of Object.entries(lines)) console.log(`  ${name} = ${value}`);
    console.log(`\nHost key: ${hostKey}`);
  }

  await ended;
  await sandbox.close();
  if (temporary) await rm(sandbox.root, { recursive: true, force: true });
}

async function makeRoot(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    const isFile = (error as NodeJS.ErrnoException).code === "EEXIST";
    const why = isFile ? "it is not a directory" : reasonOf(error);
    throw new BuildoutError("sandbox-failed", `Cannot serve ${root}: ${why}.`, { cause: error });
  }
}

async function readPublicKey(identityFile: string): Promise<string> {
  try {
    return await readFile(`${identityFile}.pub`, "utf8");
  } catch (error) {
    const stats = await stat(identityFile).catch(() => undefined);
    const kind = stats && unusual(stats);
    const [what, why] =
      stats === undefined
        ? ["key", "there is no such file"]
        : kind === undefined
          ? ["public key", reasonOf(error)]
          : ["key", `it is ${kind}`];
    const file = what === "key" ? identityFile : `${identityFile}.pub`;
    const isPrivate = stats !== undefined && kind === undefined;
    throw new BuildoutError("sandbox-failed", `Cannot read the ${what} ${file}: ${why}.`, {
      ...(isPrivate && { hint: `Make it with: ssh-keygen -y -f ${identityFile} > ${file}` }),
      cause: error,
    });
  }
}
