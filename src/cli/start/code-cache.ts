/**
 * Compiled code of a program, kept between runs: V8 needs a third of a short run to compile it. Since it is
 * executed, it is only read from a file that nobody but the user, or those who can write the program
 * itself, can have written.
 */
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CompiledPlaces } from "../../contract/engine.ts";
import { writeFileAtomically } from "../../system/write-atomically.ts";

export interface CompiledCode {
  /** What ran before the code was saved: V8 compiles a function when it is first called. */
  modules: readonly string[];
  /** The text that was compiled; undefined if it is not kept. */
  text: string | undefined;
  data: Buffer;
}

/** What is kept, and the mode of the file. */
interface Keeping {
  keeps: "nothing" | "code" | "code and text";
  mode: number;
}

/** What compiled code belongs to: a file, and the part of it if there are several. */
interface Compiled {
  path: string;
  stats: Pick<BigIntStats, "dev" | "ino" | "size" | "mtimeNs" | "ctimeNs" | "uid">;
  part?: string;
}

interface Place {
  folder: string;
  owner: number;
}

const OTHERS_WRITE = 0o022;

function isOnlyOf(owner: number, { uid, mode }: { uid: number; mode: number }): boolean {
  return uid === owner && (mode & OTHERS_WRITE) === 0;
}

function isFolderOf(owner: number, folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && isOnlyOf(owner, found);
}

/** The user's cache directory, if only the user can access it. */
function cacheOf(user: number, { XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): Place[] {
  const caches = XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
  return caches && isFolderOf(user, caches)
    ? [{ folder: join(caches, "hostout"), owner: user }]
    : [];
}

export class CodeCache {
  private readonly name: string;
  private readonly places: () => Place[];
  /** Which program this is the code of, and for which Node. */
  private readonly key: string;
  private readonly rules: Keeping;

  constructor(
    { path, stats, part }: Compiled,
    env: NodeJS.ProcessEnv = process.env,
    rules: Keeping = { keeps: "code", mode: 0o644 },
  ) {
    this.rules = rules;
    const { dev, ino, size, mtimeNs, ctimeNs, uid } = stats;
    const node = `${process.version}-${process.arch}`;
    const name = basename(path).replace(/\.c?js$/, "");
    this.name = [name, part, node].filter(Boolean).join("-");
    this.key = [dev, ino, size, mtimeNs, ctimeNs, node].join(" ");
    const beside = { folder: join(dirname(path), ".compiled"), owner: Number(uid) };
    this.places = () => [beside, ...cacheOf(process.geteuid!(), env)];
  }

  read(): CompiledCode | undefined {
    for (const place of this.places()) {
      const content = isFolderOf(place.owner, place.folder) ? this.content(place) : undefined;
      const end = content?.indexOf("\n") ?? -1;
      if (content === undefined || end < 0) continue;
      const [key, ...others] = content.toString("latin1", 0, end).split("\0");
      const [length, size, ...modules] = others;
      const start = end + 1 + Number(length);
      if (key !== this.key || content.length !== start + Number(size)) continue;
      const text = length === "0" ? undefined : content.toString("latin1", end + 1, start);
      return { modules, text, data: content.subarray(start) };
    }
    return undefined;
  }

  /** Saves code if possible. */
  write(compile: () => CompiledCode): void {
    const { keeps, mode } = this.rules;
    if (keeps === "nothing") return;
    const user = process.geteuid!();
    const place = this.places().find(
      ({ folder, owner }) => owner === user && made(folder, owner, mode),
    );
    if (place === undefined) return;
    const { modules, text, data } = compile();
    const kept = Buffer.from(keeps === "code and text" ? (text ?? "") : "", "latin1");
    const words = [this.key, kept.length, data.length, ...modules];
    const head = Buffer.from(`${words.join("\0")}\n`, "latin1");
    try {
      writeFileAtomically(join(place.folder, this.name), Buffer.concat([head, kept, data]), mode);
    } catch {
      // A full or read-only disk: the next run compiles again.
    }
  }

  /** For code that another interpreter compiles: it checks files as `read` does, by owner and mode. */
  compiledPlaces(): CompiledPlaces {
    const { key, rules } = this;
    const places = this.places();
    const user = process.geteuid!();
    const isOurs = ({ folder, owner }: Place) => owner === user && made(folder, owner, rules.mode);
    return {
      key,
      mode: rules.mode,
      read: places.filter(({ folder, owner }) => isFolderOf(owner, folder)),
      write: rules.keeps !== "nothing" ? places.find(isOurs)?.folder : undefined,
    };
  }

  private content({ folder, owner }: Place): Buffer | undefined {
    let file: number;
    try {
      file = openSync(join(folder, this.name), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch {
      return undefined;
    }
    try {
      const found = fstatSync(file);
      return found.isFile() && isOnlyOf(owner, found) ? readFileSync(file) : undefined;
    } finally {
      closeSync(file);
    }
  }
}

/** Creates the directory for files of a mode, whatever the umask. */
function made(folder: string, owner: number, mode: number): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 });
    // Anyone who may read a file may enter.
    chmodSync(folder, 0o700 | mode | ((mode & 0o044) >> 2));
  } catch {
    // It exists, or cannot be created.
  }
  return isFolderOf(owner, folder);
}
