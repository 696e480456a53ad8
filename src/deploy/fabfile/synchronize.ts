import { dirname } from "node:path/posix";
import { localPath, remotePath } from "./commands.ts";
import type { FabfileState } from "./state.ts";

export interface RsyncOptions {
  /** Delete files on the target that are not in the source. */
  delete?: boolean;
  exclude?: readonly string[];
  /** Download from the host instead of uploading. */
  download?: boolean;
  /** Whether the options begin with `-a`; default true. */
  archive?: boolean;
  /** Further options of rsync. */
  options?: readonly string[];
  /** Receives rsync's output instead of the user. */
  onLine?(line: string): void;
}

/** Synchronizes a directory with rsync. A trailing slash on the source means its contents. */
export async function rsync(
  state: FabfileState,
  localFolder: string,
  remoteFolder: string,
  options: RsyncOptions = {},
): Promise<void> {
  const { context, settings } = state;
  const { rsync: synchronize } = await import("../host/rsync.ts");
  const host = await context.session.logins.connection(settings.user ?? context.options.user);
  const show = (line: string) =>
    context.session.emit({ type: "output", stream: "out", line, local: true });
  const { download = false, onLine = show, ...rest } = options;
  const remote = await remotePath(state, remoteFolder);
  const slash = /[/\\]$/.test(localFolder) ? "/" : "";
  const here = `${localPath(state, localFolder)}${slash}`;
  if (!download) await host.mkdir(slash ? remote : dirname(remote));
  await synchronize(host, {
    ...rest,
    from: download ? remote : here,
    to: download ? here : remote,
    direction: download ? "down" : "up",
    signal: context.session.signal,
    env: context.deployment.env,
    shell: context.deployment.programs.rsyncShell,
    onLine,
  });
}
