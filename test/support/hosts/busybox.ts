import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type BareHost, startBareHost } from "./host.ts";
import { cacheFolder, withLock } from "./root.ts";

/** Programs of BusyBox systems that Debian's own BusyBox lacks or has separately. */
const APPLETS = [
  ..."ADDUSER ADDGROUP FEATURE_ADDUSER_TO_GROUP CHPASSWD".split(" "),
  ..."SU ID GREP TR TAIL STAT FEATURE_STAT_FORMAT CHOWN CHMOD MKDIR CUT FIND".split(" "),
  ..."FEATURE_FIND_PATH FEATURE_FIND_MAXDEPTH FEATURE_FIND_PERM FEATURE_FIND_TYPE".split(" "),
  ..."FEATURE_FIND_EXEC FEATURE_FIND_EXEC_PLUS FEATURE_FIND_USER FEATURE_FIND_GROUP".split(" "),
  ..."FEATURE_FIND_NOT FEATURE_FIND_PAREN FEATURE_FIND_PRUNE FEATURE_FIND_LINKS".split(" "),
  ..."FEATURE_SHADOWPASSWDS FLOCK".split(" "),
  ..."BUSYBOX LONG_OPTS FEATURE_FANCY_TAIL FEATURE_CHOWN_LONG_OPTIONS LFS".split(" "),
];

/** The programs that `busybox` contains and runs when it is called by their names. */
export const BUSYBOX_PROGRAMS =
  "adduser addgroup chpasswd su id grep tr tail stat chown chmod mkdir cut find".split(" ");

/** Debian packages that programs in C are built with. */
export const BUILD_PACKAGES = ["gcc", "libc6-dev", "libcrypt-dev", "make", "bzip2"];

/** The commands that programs on a host use and that Debian's BusyBox has. */
const APPLETS_OF_DEBIAN =
  "sh sed grep date mkdir rm mv cp ln cat tail tr cut head sort find xargs dirname basename gzip id ls sleep touch chmod chown kill printf test env cmp sync uname readlink awk sha256sum tar du mktemp base64 wc tee stat";

/** Installs the programs of Debian's BusyBox on a host, before its own, and as its shell. */
export function linkApplets(host: BareHost): void {
  host.run(`for name in ${APPLETS_OF_DEBIAN}; do ln -s /bin/busybox /usr/local/bin/$name; done
ln -sf busybox /bin/sh`);
}

/** A BusyBox with the programs that create users, built once from Debian's source package. */
export async function cachedBusybox(): Promise<string> {
  const parts = createHash("sha256").update(APPLETS.join()).digest("hex").slice(0, 8);
  const file = join(cacheFolder(), `busybox-${parts}`);
  if (existsSync(file)) return file;
  await withLock(`${file}.lock`, async () => {
    if (existsSync(file)) return;
    const host = await startBareHost({ network: "shared", packages: BUILD_PACKAGES });
    try {
      host.run(`sed 's/^deb /deb-src /' /etc/apt/sources.list >> /etc/apt/sources.list
apt-get update -q && cd /tmp && apt-get source -q --download-only busybox
tar -xjf busybox_*.orig.tar.bz2 && cd busybox-* && make -s allnoconfig
${APPLETS.map((name) => `sed -i '/CONFIG_${name}[ =]/d' .config; echo CONFIG_${name}=y >> .config`).join("\n")}
yes '' | make -s oldconfig >/dev/null; make -s -j2 2>&1 && cp busybox /tmp/made`);
      await copyFile(join(host.root, "tmp/made"), `${file}.part`);
      await rename(`${file}.part`, file);
    } finally {
      await host.close();
    }
  });
  return file;
}
