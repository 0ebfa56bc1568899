/** The cure for this T, from the stage that prescribes it, in the lines that the doctor puts under its findings. */
import type { Advice } from './host/advice.ts';
import { set } from './host/finding.ts';
import { givesUpAfter, keepaliveWithin } from './prescribe/settings.ts';
import { programs } from './prescribe/stack/linux.ts';
import { stackOn } from './prescribe/stacks.ts';

/** Chosen: what stands under a finding; all lines for a path are in `deadair read --json`. */
const STACKS = 3;

export function adviceFor(seconds: number): Advice {
  const keepalive = keepaliveWithin(seconds);
  const to = { ...keepalive, userTimeoutSeconds: givesUpAfter(keepalive) };
  const anyProgram = programs(to).slice(0, 1);
  return {
    keepalive,
    forPrograms(ports) {
      const stacks = new Set(ports.flatMap((port) => stackOn(port) ?? []));
      const guessed = [...stacks]
        .slice(0, STACKS)
        .flatMap((stack) => stack.keepalive(to).filter(({ kind }) => kind === 'set'));
      return [...guessed, ...anyProgram].map(({ stack, text }) => set(`${stack}: ${text}`));
    },
  };
}
