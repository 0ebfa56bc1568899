/**
 * V8, told that what it runs now runs once: many records are judged by code that is done when it would be fast. By default
 * it optimizes what is nearly done by then, which takes a third of the time.
 *
 * Nothing is loaded meanwhile: under such a flag neither Node's own code cache nor the pack's fits
 * (docs/decisions/0002-start-up.md). It is the process's, and it works on nothing else in between.
 */

/** Bytes of bytecode that a function has run before it is looked at: at 300 000 to a million the time is the same. */
const ONCE = 500_000;
/** V8's default; a test asks the Node at hand. */
export const USUAL = 67_584;

export async function inOnePass<T>(work: () => T): Promise<T> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString(`--interrupt-budget=${ONCE}`);
  try {
    return work();
  } finally {
    setFlagsFromString(`--interrupt-budget=${USUAL}`);
  }
}
