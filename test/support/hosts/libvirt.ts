import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { copyFile, link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../servers.ts";
import { diskImage } from "./disk-image.ts";
import { hostsMissing } from "./host.ts";

const PROGRAMS = ["libvirtd", "virsh", "qemu-system-x86_64", "qemu-img", "dnsmasq"];
const INSTALL =
  "apt-get install libvirt-daemon-system qemu-system-x86 qemu-utils dnsmasq-base python3-libvirt python3-pycdlib";

/** Why virtual machines cannot be made here; in CI that is a failure. */
export const libvirtMissing = hostsMissing ?? findMissing();
if (libvirtMissing !== undefined && process.env.CI) {
  throw new Error(`In CI nothing may be skipped: ${libvirtMissing}`);
}

function findMissing(): string | undefined {
  const path = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const isThere = (command: string) => spawnSync("sh", ["-c", command], { env: path }).status === 0;
  const missing = PROGRAMS.filter((one) => !isThere(`command -v ${one}`));
  const python = "/usr/bin/python3 -c 'import libvirt, pycdlib'";
  if (!isThere(python)) missing.push("libvirt and pycdlib for Python");
  return missing.length === 0 ? undefined : `${missing.join(", ")} not installed (${INSTALL})`;
}

/** libvirtd with files, processes and a state of its own; this machine's is left alone. */
const START = `set -e
mount -t proc proc /proc
for folder in /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
  mkdir -p "$folder"; mount -t tmpfs tmpfs "$folder"
done
mount -t tmpfs tmpfs /run
[ "$KVM" = true ] || [ ! -e /dev/kvm ] || mount --bind /dev/null /dev/kvm
mkdir -p /run/libvirt /etc/libvirt/qemu/networks
# There is nobody here but root, and no control group to divide.
cat > /etc/libvirt/qemu.conf <<END
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
stdio_handler = "file"
END
cat > /etc/libvirt/libvirtd.conf <<END
unix_sock_dir = "$FOLDER"
auth_unix_rw = "none"
log_outputs = "3:stderr"
END
# A shell as the first process: libvirtd waits for orphans that nobody has taken away.
libvirtd --config /etc/libvirt/libvirtd.conf --pid-file "$FOLDER/pid" &
wait $!`;

/** KVM without support by the processor starts no BIOS, and libvirt tries to query it for minutes. */
const hasKvm =
  existsSync("/dev/kvm") && /\b(vmx|svm)\b/.test(readFileSync("/proc/cpuinfo", "utf8"));

export interface Libvirt {
  /** For the option `uri` of the driver. */
  uri: string;
  /** The image of Debian in the pool `default`, as `imageid`. */
  image: string;
  virsh(...args: string[]): string;
  close(): Promise<void>;
}

/** Starts libvirtd with a pool `default` with a Debian image, and a network `default`. */
export async function startLibvirt(): Promise<Libvirt> {
  const image = await diskImage();
  const folder = await mkdtemp(join(tmpdir(), "hostout-libvirt-"));
  const socket = join(folder, "libvirt-sock");
  const bridge = `hv${Math.random().toString(36).slice(2, 10)}`;
  const child = spawn(
    "setpriv",
    [
      ...["--pdeathsig", "KILL", "unshare", "--fork", "--kill-child", "--mount", "--pid"],
      ...["sh", "-c", START],
    ],
    {
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, FOLDER: folder, KVM: String(hasKvm) },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let log = "";
  child.stderr.on("data", (data) => {
    log += data;
  });
  const uri = `qemu:///system?socket=${socket}`;
  const virsh = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("virsh", ["-q", "-c", uri, ...args], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`virsh ${args.join(" ")}: ${stderr}${log}`);
    return stdout;
  };
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    // Processes go with their namespace, a bridge does not.
    spawnSync("ip", ["link", "delete", bridge]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`libvirtd ended: ${log}`);
      virsh("version");
    });
    const pool = join(folder, "pool");
    await mkdir(pool);
    // A hard link if possible: nothing writes to it.
    await link(image, join(pool, "debian-12.qcow2")).catch(() =>
      copyFile(image, join(pool, "debian-12.qcow2")),
    );
    virsh("pool-create-as", "default", "dir", "--target", pool);
    const file = join(folder, "network.xml");
    await writeFile(file, network(bridge));
    virsh("net-create", file);
    return { uri, image: "default/debian-12.qcow2", virsh, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A network without a way out, of a range that is for tests only (RFC 2544). */
function network(bridge: string): string {
  const prefix = `198.${18 + Math.floor(Math.random() * 2)}.${Math.floor(Math.random() * 256)}`;
  return `<network><name>default</name><bridge name="${bridge}"/>
<ip address="${prefix}.1" netmask="255.255.255.0"><dhcp><range start="${prefix}.2" end="${prefix}.99"/></dhcp></ip>
</network>`;
}
