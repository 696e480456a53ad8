// Runs in the thread of `readLocalFilesAside`.
import { parentPort, workerData } from "node:worker_threads";
import { BuildoutError } from "../../errors/error.ts";
import { knownHashes, type LocalFilesAnswer, readLocalFiles } from "./local-files.ts";

const hashes = knownHashes(workerData);

async function answer(): Promise<LocalFilesAnswer> {
  try {
    return { files: await readLocalFiles(workerData, hashes) };
  } catch (error) {
    if (!(error instanceof BuildoutError)) throw error;
    const { code, message, location, hint, output } = error;
    return { code, message, details: { location, hint, output, while: error.while } };
  }
}

answer().then((found) => {
  parentPort!.postMessage(found);
  // The other thread goes on in the meantime.
  if ("files" in found) hashes.save();
});
