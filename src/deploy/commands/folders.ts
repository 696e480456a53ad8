import { join } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import { quote, quoteAll } from "../../ssh/commands/quote.ts";
import { STATE } from "../host/probe.ts";
import { makeFoldersScript } from "../host/root-program.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { owners } from "./users.ts";

/** Creates the buildout directory and the caches, with sudo if the buildout user lacks permission. */
export async function makeFolders(context: CommandContext): Promise<void> {
  const { session, options } = context;
  const { path, cache } = await session.facts();
  const connection = await session.buildoutConnection();
  const folders = [
    path,
    join(path, "bin"),
    join(path, "var"),
    ...["eggs", "downloads/dist", "extends"].map((name) => join(cache, name)),
  ];
  const make = `umask 027; mkdir -p ${quoteAll(folders)} && umask 077 && mkdir -p ${quote(join(path, STATE))}`;
  const writable = folders.map((folder) => `[ -w ${quote(folder)} ]`).join(" && ");
  const first = await connection.sh(`${make} && ${writable}`);
  if (first.code === 0) return;
  const problem = failed(`Making ${path}`, first);
  if (problem.code === "remote-disk-full") throw problem;
  const notWritable = (output: string) =>
    new BuildoutError(
      "remote-not-writable",
      `${connection.user} cannot create or write ${path} and ${cache} on ${options.host}.`,
      {
        output: output.trim(),
        hint: "Choose another 'path' or 'buildout-cache', or a 'user' who may use sudo.",
      },
    );
  if (options.noSudo) throw notWritable(first.stderr);
  const { group } = await owners(context);
  const made = await session.sudo(makeFoldersScript(connection.user, group, [path, cache]), {
    cwd: null,
    label: `# create ${quoteAll([path, cache])} for ${connection.user}`,
  });
  if (made.code !== 0) throw notWritable(`${first.stderr}${made.stderr}`);
  const second = await connection.sh(`${make} && ${writable}`);
  if (second.code !== 0) throw failed(`Making ${path} and ${cache}`, second);
}
