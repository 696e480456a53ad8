import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { cachedRoot, cacheFolder, NODE_PACKAGES, run, withLock } from "./root.ts";

/** The packages that turn a root file system into a machine: a kernel, a boot loader, and cloud-init. */
const MACHINE = [
  ...["systemd-sysv", "dbus", "udev", "linux-image-cloud-amd64", "initramfs-tools", "extlinux"],
  ...["cloud-init", "ifupdown", "isc-dhcp-client", "iproute2"],
];

/** Makes $IMAGE from $ROOT: one file system, whose first sector starts the boot loader. */
const MAKE = `set -e
truncate -s 3G "$IMAGE.raw"
mkfs.ext4 -q -O ^64bit,^metadata_csum -d "$ROOT" "$IMAGE.raw"
mkdir "$IMAGE.mounted"
mount -o loop "$IMAGE.raw" "$IMAGE.mounted"
trap 'umount -R "$IMAGE.mounted"; rmdir "$IMAGE.mounted"' EXIT
cd "$IMAGE.mounted"
mount --bind /dev dev
mount -t proc proc proc
kernel=$(echo boot/vmlinuz-*) initrd=$(echo boot/initrd.img-*)
cat > boot/extlinux.conf <<END
DEFAULT linux
LABEL linux
KERNEL /$kernel
INITRD /$initrd
APPEND root=/dev/vda ro console=ttyS0 net.ifnames=0
END
chroot . extlinux --install /boot >&2
echo '/dev/vda / ext4 errors=remount-ro 0 1' > etc/fstab
echo 'datasource_list: [ NoCloud, None ]' > etc/cloud/cloud.cfg.d/90_dpkg.cfg
: > etc/machine-id
rm -f etc/resolv.conf
cd /; umount -R "$IMAGE.mounted"; rmdir "$IMAGE.mounted"; trap - EXIT
qemu-img convert -O qcow2 "$IMAGE.raw" "$IMAGE"
rm "$IMAGE.raw"`;

/** A qcow2 image of Debian with cloud-init and Node, made the first time and kept; nothing writes to it again. */
export async function diskImage(): Promise<string> {
  const root = await cachedRoot([...MACHINE, ...NODE_PACKAGES]);
  const key = createHash("sha256").update(MAKE).digest("hex").slice(0, 8);
  const file = join(cacheFolder(), `${basename(root)}-${key}.qcow2`);
  if (existsSync(file)) return file;
  await withLock(`${file}.lock`, async () => {
    if (existsSync(file)) return;
    const folder = await mkdtemp(`${file}.`);
    try {
      const image = join(folder, "image");
      const variables = [`ROOT=${root}`, `IMAGE=${image}`];
      // Its mounts disappear with the shell, however it ends.
      await run("env", [...variables, "unshare", "--mount", "sh", "-c", MAKE]);
      await rename(image, file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return file;
}
