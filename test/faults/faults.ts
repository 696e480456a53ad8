import type { CuttingProxy } from "../support/proxy.ts";
import type { Running } from "../support/running.ts";
import type { FaultyHost } from "./host.ts";

/** The subject of a fault: a running deployment. */
interface Scene {
  host: FaultyHost;
  /** The deployer; its way to the host is the proxy. */
  deployer: Running;
  proxy: CuttingProxy;
  /** Milliseconds, bytes on the disk, files, and bytes sent by such a deployment without a fault. */
  usual: Usual;
  /** From 0 to 1, other numbers each time. */
  random(): number;
}

export interface Usual {
  milliseconds: number;
  bytes: number;
  files: number;
  sent: number;
}

export interface Fault {
  name: string;
  /** Before the deployer starts. */
  prepare?(scene: Omit<Scene, "deployer">): void;
  /** While it runs. */
  strike?(scene: Scene): Promise<void>;
}

const DAY = 86_400;

/** Faults of a deployment, at a point that the numbers decide. */
export const FAULTS: readonly Fault[] = [
  {
    name: "SIGKILL of the deployer",
    strike: async (scene) => {
      await somewhere(scene);
      scene.deployer.child.kill("SIGKILL");
    },
  },
  {
    name: "SIGKILL of the engine on the host",
    strike: (scene) => killOnHost(scene, / bin\/buildout |\/engine[^ ]* /),
  },
  { name: "SIGKILL of a shell on the host", strike: (scene) => killOnHost(scene, /^(sh|bash) /) },
  { name: "SIGKILL of a program on the host", strike: (scene) => killOnHost(scene, /^(?!sshd)/) },
  {
    name: "SIGKILL of everything on the host",
    strike: async (scene) => {
      await somewhere(scene);
      for (const { pid } of scene.host.processes()) kill(pid);
    },
  },
  {
    name: "a connection that is cut",
    prepare: ({ proxy, usual, random }) => proxy.cutAfter(Math.floor(random() * usual.sent)),
  },
  {
    name: "a connection that is reset",
    strike: async (scene) => {
      await somewhere(scene);
      scene.proxy.reset();
    },
  },
  {
    name: "a full disk",
    prepare: ({ host, usual, random }) => host.limit(Math.floor(random() * usual.bytes)),
  },
  {
    name: "a disk without inodes",
    prepare: ({ host, usual, random }) => host.limitFiles(Math.floor(random() * usual.files)),
  },
  {
    name: "a disk that becomes read-only",
    strike: async (scene) => {
      await somewhere(scene);
      scene.host.makeReadOnly();
    },
  },
  {
    name: "a clock of tomorrow, and SIGKILL of the deployer",
    prepare: ({ host }) => host.shiftClock(DAY),
    strike: async (scene) => {
      await somewhere(scene);
      scene.deployer.child.kill("SIGKILL");
    },
  },
  {
    name: "a clock of yesterday, and SIGKILL of everything on the host",
    prepare: ({ host }) => host.shiftClock(-DAY),
    strike: async (scene) => {
      await somewhere(scene);
      for (const { pid } of scene.host.processes()) kill(pid);
    },
  },
];

/** Waits for a random part of the duration of such a deployment. */
async function somewhere({ usual, random }: Scene): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, random() * usual.milliseconds));
}

/** Kills a process of the host's user with a matching command line, at a random point. */
async function killOnHost(scene: Scene, pattern: RegExp): Promise<void> {
  await somewhere(scene);
  for (;;) {
    const { exitCode, signalCode } = scene.deployer.child;
    if (exitCode !== null || signalCode !== null) return;
    const found = scene.host.processes().filter(({ command }) => pattern.test(command));
    const victim = found[Math.floor(scene.random() * found.length)];
    if (victim !== undefined) return kill(victim.pid);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended since.
  }
}
