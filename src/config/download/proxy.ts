type Env = Readonly<Record<string, string | undefined>>;

function variable(env: Env, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

/** Whether `no_proxy` names the host: itself, one of its domains, or `*` for all. */
function isExempt(url: URL, list: string): boolean {
  const names = list.split(",").map((name) => name.trim().toLowerCase());
  const hosts = [url.hostname.toLowerCase(), url.host.toLowerCase()];
  return names.some((name) => {
    if (name === "*") return true;
    const domain = name.replace(/^\./, "");
    return domain !== "" && hosts.some((host) => host === domain || host.endsWith(`.${domain}`));
  });
}

/** The proxy for a URL, from `http_proxy`, `https_proxy` and `no_proxy`, or the uppercase names. */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const scheme = url.protocol.slice(0, -1);
  const proxy = variable(env, `${scheme}_proxy`);
  if (proxy === undefined || isExempt(url, variable(env, "no_proxy") ?? "")) return undefined;
  return new URL(proxy.includes("://") ? proxy : `http://${proxy}`);
}
