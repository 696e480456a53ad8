import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { join as remoteJoin } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import { quote } from "../../ssh/commands/quote.ts";
import type { CommandContext, CommandDefinition } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { owners } from "./users.ts";

/** Milliseconds without data before the download fails. */
const TIMEOUT = 60_000;

export const hotfixCommands: CommandDefinition[] = [
  {
    name: "hotfix",
    description: "Download an archive and unpack it on the host",
    changes: true,
    arguments: "URL [DIRECTORY]",
    help: "DIRECTORY is relative to the path of the host; default: products.",
    example: "hotfix https://example.com/fix.zip",
    source: "collective.hostout",
    async run(context, [url, folder = "products"]: readonly string[]) {
      if (url === undefined) {
        throw new BuildoutError("usage", "Usage: bin/hostout HOST hotfix URL [DIRECTORY]", {
          hint: "DIRECTORY is relative to the buildout's path; default: products.",
        });
      }
      if (folder.startsWith("/") || folder.split("/").includes("..")) {
        throw new BuildoutError("outside-buildout", `'${folder}' is not below the buildout.`);
      }
      const scratch = await mkdtemp(join(tmpdir(), "hostout-hotfix-"));
      try {
        await send(context, await unpacked(context, url, scratch), folder);
      } finally {
        await rm(scratch, { recursive: true, force: true });
      }
    },
  },
];

/** Downloads the archive and unpacks it here, refusing paths that point outside. */
async function unpacked(
  { project, session }: CommandContext,
  url: string,
  scratch: string,
): Promise<string> {
  const { download } = await import("../../buildout/kit/download.ts");
  const { unpackArchive } = await import("../../buildout/kit/archive/unpack.ts");
  session.note(`Downloading ${url}`);
  const say = (message: string) => session.note(message);
  const log = { debug: () => {}, info: say, warning: say, error: say };
  const archive = join(scratch, "archive");
  await download({
    url,
    directory: project.directory,
    cache: undefined,
    offline: false,
    timeout: TIMEOUT,
    path: archive,
    log,
  });
  const content = join(scratch, "content");
  await mkdir(content);
  await unpackArchive({ source: archive, folder: content, shown: url });
  return content;
}

async function send(context: CommandContext, content: string, folder: string): Promise<void> {
  const { session } = context;
  const { directory } = await session.facts();
  const target = remoteJoin(directory, folder);
  const connection = await session.buildoutConnection();
  await connection.mkdir(target);
  await connection.putDirectory(content, target, session.signal);
  const { group } = await owners(context);
  const own = group === null ? "" : `chgrp -R ${quote(group)} ${quote(target)}; `;
  const share = await connection.sh(`${own}chmod -R u+rwX,g+rX,g-w,o-rwx ${quote(target)}`);
  if (share.code !== 0) throw failed(`Setting the group of ${target}`, share);
  session.note(`Unpacked into ${target}`);
}
