/** A key pair as OpenSSH writes it: the private key, and the line of its `.pub` file. */
export interface KeyPair {
  private: string;
  public: string;
}

/**
 * A new ed25519 pair without passphrase. About one in 400 made by ssh2 cannot be read, not even by ssh2:
 * those are discarded.
 */
export function newKeyPair(utils: typeof import("ssh2").utils, comment = ""): KeyPair {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519", { comment });
    const isGood = [pair.private, pair.public].every(
      (text) => !(utils.parseKey(text) instanceof Error),
    );
    if (isGood) return pair;
  }
}
