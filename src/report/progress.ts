interface Terminal {
  write(text: string): void;
  isTTY?: boolean;
}

interface Transfer {
  name: string;
  bytes: number;
  total: number;
}

const INTERVAL_MS = 100;

/** One line on a terminal that follows a transfer, and is gone when something else is said. */
export function transferProgress(terminal: Terminal) {
  let last = 0;
  let shown = false;
  return {
    show({ name, bytes, total }: Transfer): void {
      const now = Date.now();
      if (!terminal.isTTY || now - last < INTERVAL_MS) return;
      last = now;
      shown = true;
      const percent = total === 0 ? 100 : Math.floor((bytes / total) * 100);
      terminal.write(`\r\u001b[K${name} ${percent}% of ${formatBytes(total)}`);
    },
    clear(): void {
      if (shown) terminal.write("\r\u001b[K");
      shown = false;
    },
  };
}

function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
