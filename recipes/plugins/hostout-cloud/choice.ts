/** Chooses the size and image of a machine from the provider's lists. */
import { BuildoutError } from "../../../src/index.ts";

export interface Size {
  id: string;
  name: string;
  /** Megabytes. */
  ram: number | null;
  /** Gigabytes. */
  disk: number | null;
  /** Per hour, in the currency of the provider. */
  price: number | null;
}

export interface Image {
  id: string;
  name: string;
}

interface Wanted {
  /** The hostout part, for hints. */
  part: string;
  /** Megabytes of memory, as written. */
  hostsize: string;
  hostsizeName: string;
}

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** The named size, or else the cheapest with that much memory. Throws `unknown-size`, `invalid-option`. */
export function chooseSize(sizes: readonly Size[], { part, hostsize, hostsizeName }: Wanted): Size {
  const hint = `'bin/hostout ${part} list_sizes' lists the provider's sizes.`;
  if (hostsizeName !== "") {
    const found = sizes.find(({ id, name }) => same(id, hostsizeName) || same(name, hostsizeName));
    if (found !== undefined) return found;
    throw new BuildoutError("unknown-size", `There is no size '${hostsizeName}'.`, { hint });
  }
  if (hostsize === "") {
    const message = "The size of the machine is not set.";
    throw new BuildoutError("unknown-size", message, {
      hint: `Set 'hostsize' to megabytes of memory, or 'hostsize_name'. ${hint}`,
    });
  }
  if (!/^[1-9]\d*$/.test(hostsize)) {
    throw new BuildoutError("invalid-option", `${part}:hostsize: '${hostsize}' is not a number.`, {
      hint: "Write megabytes of memory, such as 2048; for names, use 'hostsize_name'.",
    });
  }
  const large = sizes.filter(({ ram }) => ram !== null && ram >= Number(hostsize));
  const [best] = large.sort((one, other) => price(one) - price(other) || one.ram! - other.ram!);
  if (best !== undefined) return best;
  throw new BuildoutError("unknown-size", `No size has ${hostsize} MB of memory.`, { hint });
}

const price = (size: Size) => size.price ?? Number.MAX_VALUE;

/**
 * The image that matches `hostos` with the last name in order: `debian-12` before `debian-11`. Throws
 * `unknown-image`.
 */
export function chooseImage(images: readonly Image[], hostos: string, part: string): Image {
  const fitting = images.filter(({ name }) => name.toLowerCase().includes(hostos.toLowerCase()));
  const [last] = fitting.sort((one, other) =>
    other.name.localeCompare(one.name, "en", { numeric: true }),
  );
  if (last !== undefined) return last;
  throw new BuildoutError("unknown-image", `No image has '${hostos}' in its name.`, {
    hint: `Set 'imageid' to one listed by 'bin/hostout ${part} list_images'.`,
  });
}
