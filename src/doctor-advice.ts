/**
 * The cure for this T, from the stage that prescribes it, in the lines that the doctor puts under
 * its findings.
 */
import type { Advice } from './host/advice.ts';
import { type Cure, note, set } from './host/finding.ts';
import { givesUpAfter, keepaliveWithin } from './prescribe/settings.ts';
import { programs } from './prescribe/stack/linux.ts';
import type { RemedyLine } from './prescribe/stack/stack.ts';
import { guessStack } from './prescribe/stacks.ts';

/** Chosen: what stands under a finding; all lines for a path are in `deadair read --json`. */
const STACKS = 2;

const cure = ({ stack, kind, text }: RemedyLine): Cure[] =>
  kind === 'note' ? [note(`${stack}: ${text}`)] : [note(`${stack}:`), set(text)];

export function adviceFor(seconds: number): Advice {
  const keepalive = keepaliveWithin(seconds);
  const to = { ...keepalive, userTimeoutSeconds: givesUpAfter(keepalive) };
  return {
    keepalive,
    anyProgram: programs(to).slice(0, 1).flatMap(cure),
    onPorts(ports) {
      const stacks = new Set(
        ports.flatMap((port) => guessStack({ responderPort: port })?.stack ?? []),
      );
      return [...stacks].slice(0, STACKS).flatMap((stack) => stack.keepalive(to).flatMap(cure));
    },
  };
}
