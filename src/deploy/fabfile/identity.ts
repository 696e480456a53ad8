import { buildoutKey, makeOwnKey, publicKeyLine } from "../part/identity.ts";
import type { FabfileState } from "./state.ts";

/**
 * The private key that is to let in, and the line of its public half: `identity-file` where that is
 * there, else `HOSTNAME_key`, which is made.
 */
export async function identity({
  context,
}: FabfileState): Promise<{ file: string; publicKey: string }> {
  const { options, session } = context;
  let file = buildoutKey(options, session.env);
  if (file === undefined) {
    await makeOwnKey(options);
    file = options.ownKeyFile;
    session.note(`Made the key ${file}`);
  }
  return { file, publicKey: await publicKeyLine(file) };
}
