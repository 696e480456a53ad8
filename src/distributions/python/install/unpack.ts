/** Makes eggs of wheels without pip: in parallel, each from its own directory. */
import { constants } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { type Assignment, fileSource, type Installer } from "../installers/installer.ts";
import { type MadeEgg, makeEggs } from "./place.ts";
import { Worker } from "./unpack-worker.ts";

/** A local wheel. */
export interface Wheel {
  name: string;
  file: string;
  /** `sha256=...`, unless it has been verified already. */
  hash?: string | undefined;
}

/** The wheels in a folder. */
export async function wheelsIn(folder: string): Promise<Wheel[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".whl"));
  return files.sort().map((file) => ({ name: file.split("-")[0]!, file: join(folder, file) }));
}

/** The largest wheel to unpack early, since that takes a copy. */
const LARGEST = 64 << 20;

interface Early {
  /** Others may change the wheel itself. */
  copy: string;
  /** Undefined if there is a problem: pip reports it. */
  eggs: Promise<MadeEgg[] | undefined>;
}

interface Waiting {
  size: number;
  unpack(worker: Worker): Promise<unknown>;
}

/**
 * Makes eggs of wheels on all processors. While pip, which uses one of them, is still deciding, the others
 * unpack the wheels that it will probably take.
 */
export class Unpacker {
  private readonly assignment: Assignment;
  private readonly likely: Iterator<string>;
  private readonly workers: Worker[] = [];
  private readonly idle: Worker[] = [];
  private readonly waiting: Waiting[] = [];
  private readonly early: Early[] = [];
  private comparing: Promise<unknown> = Promise.resolve();
  private hasDecided = false;

  constructor(assignment: Assignment, likely: Iterable<string> = []) {
    this.assignment = assignment;
    this.likely = likely[Symbol.iterator]();
  }

  /** Starts with the likely wheels. */
  begin(): void {
    this.next();
  }

  /**
   * The eggs of the wheels that pip took. The installer reports problems with a wheel: throws
   * InstallerFailure, `unsafe-archive`.
   */
  async eggsOf(wheels: readonly Wheel[], installer: Installer): Promise<MadeEgg[]> {
    this.hasDecided = true;
    const folder = await mkdtemp(join(this.assignment.workshop, "unpacked-"));
    const results = await Promise.allSettled(
      wheels.map((wheel, at) => this.unpack(wheel, join(folder, String(at)))),
    );
    void this.end();
    const all: MadeEgg[] = [];
    for (const [at, result] of results.entries()) {
      if (result.status === "rejected") throw result.reason;
      const own = join(folder, `${at}-${installer.name}`);
      all.push(...(result.value ?? (await this.installed(wheels[at]!, own, installer))));
    }
    return all;
  }

  /** Undefined if there is a problem. */
  private async unpack({ file, hash }: Wheel, target: string): Promise<MadeEgg[] | undefined> {
    for (const { copy, eggs } of this.early) {
      if (basename(copy) !== basename(file)) continue;
      const made = await eggs;
      if (made !== undefined && (await this.areEqual(copy, file))) return made;
    }
    await mkdir(target);
    const { size } = await stat(file);
    const isUnpacked = await new Promise<boolean>((resolve) => {
      const unpack = (worker: Worker) => worker.unpack(file, hash, target).then(resolve);
      this.waiting.push({ size, unpack });
      this.next();
    });
    return isUnpacked ? this.eggsIn(target) : undefined;
  }

  /** Compares one pair at a time, since that takes the memory of two wheels. */
  private areEqual(one: string, other: string): Promise<boolean> {
    const compared = this.comparing.then(async () =>
      (await readFile(one)).equals(await readFile(other)),
    );
    this.comparing = compared.catch(() => {});
    return compared;
  }

  private async installed(
    { name, file, hash }: Wheel,
    target: string,
    installer: Installer,
  ): Promise<MadeEgg[]> {
    await mkdir(target);
    const source = fileSource(name, file) + (hash === undefined ? "" : `#${hash}`);
    await installer.install(this.assignment, [source], target);
    return this.eggsIn(target);
  }

  private async eggsIn(target: string): Promise<MadeEgg[]> {
    const folder = `${target}-eggs`;
    await mkdir(folder);
    return makeEggs(target, folder, this.assignment.interpreter, new Set());
  }

  /** Gives work to processes that have none. */
  private next(): void {
    const most = availableParallelism() - (this.hasDecided ? 0 : 1);
    while (this.workers.length - this.idle.length < most) {
      const unpack = this.hasDecided ? this.largest() : this.likelyOne();
      if (unpack === undefined) return;
      const worker = this.idle.pop() ?? this.start();
      void unpack(worker).then(() => {
        this.idle.push(worker);
        this.next();
      });
    }
  }

  private largest(): Waiting["unpack"] | undefined {
    const sizes = this.waiting.map(({ size }) => size);
    return this.waiting.splice(sizes.indexOf(Math.max(...sizes)), 1)[0]?.unpack;
  }

  private likelyOne(): Waiting["unpack"] | undefined {
    const { value: file } = this.likely.next();
    return file && ((worker) => this.unpackEarly(file, worker));
  }

  private async unpackEarly(file: string, worker: Worker): Promise<void> {
    const folder = join(this.assignment.workshop, `early-${this.early.length}`);
    const [copy, target] = [join(folder, basename(file)), join(folder, "unpacked")];
    const unpacked = async () => {
      if ((await stat(file)).size > LARGEST) return false;
      await mkdir(target, { recursive: true });
      await copyFile(file, copy, constants.COPYFILE_FICLONE);
      return worker.unpack(copy, undefined, target);
    };
    const isUnpacked = unpacked().catch(() => false);
    const eggs = isUnpacked.then((isIt) => (isIt ? this.eggsIn(target) : undefined));
    this.early.push({ copy, eggs: eggs.catch(() => undefined) });
    await isUnpacked;
  }

  private start(): Worker {
    const { interpreter, workshop } = this.assignment;
    const worker = new Worker(interpreter.executable, workshop);
    this.workers.push(worker);
    return worker;
  }

  /** Begins with no others, and waits for those begun. */
  async end(): Promise<void> {
    this.hasDecided = true;
    await Promise.all(this.early.map(({ eggs }) => eggs));
    await Promise.all(this.workers.map((worker) => worker.end()));
  }
}
