/**
 * V8, told that what it runs now runs once: many records are judged by code that is done when it would be fast, over objects
 * that nearly all live. By default V8 optimizes what is nearly done by then, which takes a third of the time, and copies the
 * objects each time that its young generation grows by a step.
 *
 * Nothing is loaded meanwhile: under such flags neither Node's own code cache nor the pack's fits
 * (docs/decisions/0002-start-up.md). They are the process's, and it works on nothing else in between.
 */

/** `usual`: V8's default; a test asks the Node at hand. */
export const FLAGS = [
  // Bytes of bytecode that a function has run before it is looked at: at 300 000 to a million the time is the same.
  { flag: '--interrupt-budget', once: 500_000, usual: 67_584 },
  // From 1 MiB to all that it may be at the first collection, not at the tenth.
  { flag: '--semi-space-growth-factor', once: 16, usual: 2 },
] as const;

export async function inOnePass<T>(work: () => T): Promise<T> {
  const { setFlagsFromString } = await import('node:v8');
  for (const { flag, once } of FLAGS) setFlagsFromString(`${flag}=${once}`);
  try {
    return work();
  } finally {
    for (const { flag, usual } of FLAGS) setFlagsFromString(`${flag}=${usual}`);
  }
}
