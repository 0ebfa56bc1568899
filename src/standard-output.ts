/**
 * Stdout without Node's streams, where it is a file or a pipe with room: loading them (network and terminals come with
 * them) takes longer than analysing a small capture. A terminal, a socket and a pipe that is full get the stream.
 */
import { constants, type Stats, fstatSync, openSync, writeFileSync, writeSync } from 'node:fs';

const STDOUT = 1;

/** Takes a text and answers what is left of it for the stream; throws what the kernel says. */
export type Direct = (text: string) => Uint8Array | null;

/** /dev/null and its kin, major number 1 of admin-guide/devices.txt. */
const isMemoryDevice = (stats: Stats): boolean =>
  stats.isCharacterDevice() && stats.rdev >> 8 === 1;

const toFile: Direct = (text) => {
  writeFileSync(STDOUT, text);
  return null;
};

/**
 * A description of our own, since O_NONBLOCK of the inherited one belongs to everybody who has it. Null where /proc does
 * not give one.
 */
function reopened(): number | null {
  try {
    return openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
}

const wouldBlock = (thrown: unknown): boolean =>
  (thrown as NodeJS.ErrnoException).code === 'EAGAIN';

function toPipe(pipe: number): Direct {
  return (text) => {
    let left: Uint8Array = Buffer.from(text);
    try {
      while (left.length > 0) left = left.subarray(writeSync(pipe, left));
      return null;
    } catch (thrown) {
      if (!wouldBlock(thrown)) throw thrown;
      return left;
    }
  };
}

/** Null: this is one for the stream. */
export function directOutput(): Direct | null {
  const stats = fstatSync(STDOUT);
  if (stats.isFile() || isMemoryDevice(stats)) return toFile;
  const pipe = stats.isFIFO() ? reopened() : null;
  return pipe === null ? null : toPipe(pipe);
}
