import { mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { messageOf } from "../../../errors/error.ts";
import { damaged, throughLink } from "./guard.ts";

const normalized = (name: string) => posix.normalize(name).replace(/\/$/, "");

/**
 * The symbolic links of an archive, created last so that nothing is written through one. If several members
 * have the same name, the last one counts.
 */
export class Links {
  private readonly archive: string;
  /** Name -> target. */
  private readonly links = new Map<string, string>();
  private readonly others = new Set<string>();

  /** `archive`: its name in messages. */
  constructor(archive: string) {
    this.archive = archive;
  }

  add(name: string, target: string): void {
    this.others.delete(normalized(name));
    this.links.set(normalized(name), target);
  }

  /** Records a member that is not a link. */
  addOther(name: string): void {
    this.links.delete(normalized(name));
    this.others.add(normalized(name));
  }

  /** The target of a link, by its name. */
  target(name: string): string | undefined {
    return this.links.get(normalized(name));
  }

  /** Throws `unsafe-archive` if a member is below a link, `invalid-archive` if a link cannot be created. */
  async make(folder: string): Promise<void> {
    for (const name of [...this.others, ...this.links.keys()]) this.refuseBelow(name);
    for (const [name, target] of this.links) {
      const file = join(folder, name);
      try {
        await mkdir(dirname(file), { recursive: true });
        await rm(file, { force: true });
        await symlink(target, file);
      } catch (error) {
        throw damaged(
          this.archive,
          `the link ${name} cannot be created: ${messageOf(error)}`,
          error,
        );
      }
    }
  }

  private refuseBelow(name: string): void {
    for (let above = posix.dirname(name); above !== "."; above = posix.dirname(above)) {
      if (this.links.has(above)) throw throughLink(this.archive, name);
    }
  }
}
