/**
 * The record of a machine, in `.hostout/machines/NAME` of the buildout directory. Whenever it matters, the
 * provider is asked again.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeDirectory, writeFileAtomically } from "../../../src/index.ts";

export interface MachineRecord {
  provider: string;
  /** Sent with the request: a repeated request with it does not create a second machine. */
  token: string;
  /** When, in milliseconds of Date.now. */
  ordered: number;
  /** Missing: it was requested, and the provider has not answered yet. */
  id?: string;
  address?: string;
}

export interface Records {
  /** The directory of these files and the lock. */
  folder: string;
  knownHosts: string;
  read(): MachineRecord | undefined;
  write(record: MachineRecord): void;
  writeKeys(lines: readonly string[]): void;
  /** Whether the key of this machine is known, from a login or its console. */
  hasKeys(): boolean;
  /** The next call gets it from the provider. */
  forgetAddress(): void;
  forget(): void;
}

export function recordsOf(buildout: string, name: string): Records {
  const folder = join(buildout, ".hostout/machines", name);
  const file = join(folder, "machine.json");
  const knownHosts = join(folder, "known_hosts");
  const records: Records = {
    folder,
    knownHosts,
    read() {
      if (!existsSync(file)) return undefined;
      try {
        return JSON.parse(readFileSync(file, "utf8")) as MachineRecord;
      } catch (error) {
        // It was edited by hand: ask the provider.
        if (error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
    write(record) {
      makeDirectory(folder);
      writeFileAtomically(file, `${JSON.stringify(record, undefined, 2)}\n`, { durable: "name" });
    },
    writeKeys(lines) {
      makeDirectory(folder);
      writeFileAtomically(knownHosts, lines.map((line) => `${line}\n`).join(""), {
        durable: "name",
      });
    },
    hasKeys: () => existsSync(knownHosts) && readFileSync(knownHosts, "utf8").trim() !== "",
    forgetAddress() {
      const { address: _, ...rest } = records.read() ?? {};
      if ("token" in rest) records.write(rest as MachineRecord);
    },
    forget() {
      for (const one of [file, knownHosts]) rmSync(one, { force: true });
    },
  };
  return records;
}
