import type { HostOptions } from "../part/options.ts";
import type { Deployment } from "../release/deployment.ts";
import type { CommandContext } from "../run/chain.ts";

/** `api.env`: the options of the part by name, with what commands have set; any value. */
export type Environment = Record<string, unknown>;

/** One for each host and call of the command line: a command sees what an earlier one has set. */
const environments = new WeakMap<Deployment, Environment>();

/**
 * What the environment of a host is at first: every option of the part as text, and `host`,
 * `hosts`, `port`, `user`, `host_string`, `path`.
 */
export function initialEnvironment(options: HostOptions): Environment {
  // Without prototype: an option may have any name.
  return Object.assign(Object.create(null) as Environment, Object.fromEntries(options.all), {
    name: options.name,
    host: options.host,
    hosts: [options.host],
    port: options.port ?? 22,
    user: options.user,
    host_string: options.port === undefined ? options.host : `${options.host}:${options.port}`,
    path: options.path,
  });
}

export function environmentOf({ deployment, options }: CommandContext): Environment {
  let env = environments.get(deployment);
  if (env === undefined) {
    env = initialEnvironment(options);
    environments.set(deployment, env);
  }
  return env;
}
