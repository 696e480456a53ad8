import { join } from "node:path/posix";
import { BuildoutError } from "../../errors/error.ts";
import { quote, quoteAll } from "../../ssh/commands/quote.ts";
import { STATE } from "../host/probe.ts";
import type { CommandContext } from "../run/chain.ts";
import { failed } from "./failed.ts";
import { owners } from "./users.ts";

/** Makes the buildout folder and the caches, with sudo where the buildout user may not. */
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
  const first = await connection.exec(`${make} && ${writable}`);
  if (first.code === 0) return;
  const problem = failed(`Making ${path}`, first);
  if (problem.code === "remote-disk-full") throw problem;
  const notWritable = new BuildoutError(
    "remote-not-writable",
    `${connection.user} cannot make or write ${path} and ${cache} on ${options.host}.`,
    {
      output: first.stderr.trim(),
      hint: "Choose another 'path' or 'buildout-cache', or a 'user' who may use sudo.",
    },
  );
  if (options.noSudo) throw notWritable;
  const { group } = await owners(context);
  const owner = `${connection.user}:${group ?? ""}`;
  const places = quoteAll([path, cache]);
  // Where it is not the user's first group, the folders give the group to what is made in them.
  const share =
    group === null
      ? ""
      : ` && { [ "$(id -gn ${quote(connection.user)})" = ${quote(group)} ] || chmod g+s ${places}; }`;
  const made = await session.sudo(
    `mkdir -p ${places} && chown ${quote(owner)} ${places} && chmod 750 ${places}${share}`,
    { cwd: null },
  );
  if (made.code !== 0) throw notWritable;
  const second = await connection.exec(`${make} && ${writable}`);
  if (second.code !== 0) throw failed(`Making ${path} and ${cache}`, second);
}
