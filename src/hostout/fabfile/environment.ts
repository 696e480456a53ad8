import type { CommandContext } from "../chain.ts";
import type { Deployment } from "../deployment.ts";

/** `api.env`: the options of the part by name, with what commands have set; any value. */
export type Environment = Record<string, unknown>;

/** One for each host and call of the command line: a command sees what an earlier one has set. */
const environments = new WeakMap<Deployment, Environment>();

/**
 * The environment of a host: every option of the part as text, and `host`, `hosts`, `port`,
 * `user`, `host_string`, `path`.
 */
export function environmentOf({ deployment, options }: CommandContext): Environment {
  let env = environments.get(deployment);
  if (env === undefined) {
    // Without prototype: an option may have any name.
    env = Object.assign(Object.create(null) as Environment, Object.fromEntries(options.all), {
      name: options.name,
      host: options.host,
      hosts: [options.host],
      port: options.port ?? 22,
      user: options.user,
      host_string: options.port === undefined ? options.host : `${options.host}:${options.port}`,
      path: options.path,
    });
    environments.set(deployment, env);
  }
  return env;
}
