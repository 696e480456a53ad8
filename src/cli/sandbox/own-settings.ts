import { existsSync } from "node:fs";
import { join } from "node:path";

/** Settings of npm, pip and uv: package sources, trusted certificates and proxies. */
const PASSED_ON =
  /^(npm_config_(registry|userconfig|globalconfig|cache|cafile|ca|strict[_-]ssl|(https?[_-])?proxy|noproxy|@.*|\/\/.*)|(pip|uv)_(config_file|(default_|extra_)?index(_url)?|cert|find_links|native_tls)|node_extra_ca_certs|ssl_cert_(file|dir)|(requests|curl)_ca_bundle|(https?|all|no)_proxy)$/i;

/**
 * The user's settings, for a sandbox with a different home directory: variables in `env`, and files in the
 * user's own `home`, except those that the sandbox has itself.
 */
export function ownSettings(
  env: NodeJS.ProcessEnv,
  home: string,
  root: string,
): Record<string, string | undefined> {
  const files = {
    npm_config_userconfig: ".npmrc",
    npm_config_cache: ".npm",
    PIP_CONFIG_FILE: ".config/pip/pip.conf",
  };
  const named = Object.entries(files).filter(
    ([, name]) => existsSync(join(home, name)) && !existsSync(join(root, name)),
  );
  return {
    ...Object.fromEntries(named.map(([variable, name]) => [variable, join(home, name)])),
    ...Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name))),
  };
}
