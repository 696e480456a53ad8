/** Which size and image a machine gets: lists of the provider in, one of them out. */
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

/** The size that is named, else the cheapest with so much memory. Throws `unknown-size`, `invalid-option`. */
export function chooseSize(sizes: readonly Size[], { part, hostsize, hostsizeName }: Wanted): Size {
  const hint = `'bin/hostout ${part} list_sizes' shows those of the provider.`;
  if (hostsizeName !== "") {
    const found = sizes.find(({ id, name }) => same(id, hostsizeName) || same(name, hostsizeName));
    if (found !== undefined) return found;
    throw new BuildoutError("unknown-size", `There is no size '${hostsizeName}'.`, { hint });
  }
  if (hostsize === "") {
    const message = "Nothing says how large the machine is to be.";
    throw new BuildoutError("unknown-size", message, {
      hint: `Set 'hostsize' to megabytes of memory, or 'hostsize_name'. ${hint}`,
    });
  }
  if (!/^[1-9]\d*$/.test(hostsize)) {
    throw new BuildoutError("invalid-option", `${part}:hostsize: '${hostsize}' is not a number.`, {
      hint: "Give megabytes of memory, such as 2048; 'hostsize_name' takes names.",
    });
  }
  const large = sizes.filter(({ ram }) => ram !== null && ram >= Number(hostsize));
  const [best] = large.sort((one, other) => price(one) - price(other) || one.ram! - other.ram!);
  if (best !== undefined) return best;
  throw new BuildoutError("unknown-size", `No size has ${hostsize} MB of memory.`, { hint });
}

const price = (size: Size) => size.price ?? Number.MAX_VALUE;

/** The image that fits `hostos` and comes last by its name: `debian-12` before `debian-11`. Throws `unknown-image`. */
export function chooseImage(images: readonly Image[], hostos: string, part: string): Image {
  const fitting = images.filter(({ name }) => name.toLowerCase().includes(hostos.toLowerCase()));
  const [last] = fitting.sort((one, other) =>
    other.name.localeCompare(one.name, "en", { numeric: true }),
  );
  if (last !== undefined) return last;
  throw new BuildoutError("unknown-image", `No image has '${hostos}' in its name.`, {
    hint: `Set 'imageid' to one that 'bin/hostout ${part} list_images' shows.`,
  });
}
