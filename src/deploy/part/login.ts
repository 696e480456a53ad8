import { BuildoutError } from "../../errors/error.ts";
import type { HostTarget } from "../../ssh/target.ts";
import { buildoutKey, namedKey } from "./identity.ts";
import type { HostOptions } from "./options.ts";
import { configuredPassword } from "./password.ts";
import type { Reveal } from "./revealed.ts";

type Env = Record<string, string | undefined>;

/**
 * Where and how `user` logs in to the host of a part; without one, the user from ssh_config(5).
 *
 * @throws BuildoutError `no-host`, `password-file-unreadable`, `secret-missing`
 */
export async function loginTarget(
  options: HostOptions,
  user: string | undefined,
  env: Env,
  reveal: Reveal,
): Promise<HostTarget> {
  if (options.host === "") {
    throw new BuildoutError("no-host", `The part '${options.name}' has no 'host' option.`, {
      hint: `Add 'host = name-or-address' to [${options.name}].`,
    });
  }
  return {
    host: options.host,
    port: options.port,
    user,
    identityFile: identityFile(options, user, env),
    acceptNew: options.acceptNew,
    legacyAlgorithms: options.legacyAlgorithms,
    sshConfigFile: options.sshConfig,
    knownHostsFile: options.knownHosts,
    password: await passwordOf(options, user, reveal),
    askPassword: !isBuildoutUserAlone(options, user),
  };
}

/** The password for this user in the options. */
export async function passwordOf(
  options: HostOptions,
  user: string | undefined,
  reveal: Reveal,
): Promise<string | undefined> {
  if (user === options.user) return configuredPassword(options, "password", reveal);
  return user === options.buildoutUser
    ? configuredPassword(options, "buildoutPassword", reveal)
    : undefined;
}

/** Whether `user` is the buildout user and not the login user. */
export function isBuildoutUserAlone(options: HostOptions, user: string | undefined): boolean {
  return user !== undefined && user === options.buildoutUser && user !== options.user;
}

function identityFile(
  options: HostOptions,
  user: string | undefined,
  env: Env,
): string | undefined {
  const named = namedKey(options, env);
  if (isBuildoutUserAlone(options, user)) return named ?? buildoutKey(options, env);
  const separate = isBuildoutUserAlone(options, options.buildoutUser);
  // A key that is yet to be created for the buildout user; the login user has others.
  if (separate) return named;
  return buildoutKey(options, env) ?? options.identityFile;
}
