/**
 * What makes the surest of a path's deaths as sure as it is: who sent the reset, where that gives
 * the box away; else what settles it in spite of that.
 */
import type { Finding } from '../../judge/finding.ts';
import type { Labelled } from './cure.ts';

/** What speaks for a box most of all. */
function strongest({ evidence }: Finding): string | null {
  const [best] = evidence
    .filter(({ speaksFor }) => speaksFor === 'box-timeout')
    .sort((a, b) => b.weight - a.weight);
  return best?.fact ?? null;
}

/**
 * The server's own reset proves no box, and speaks against none: mapped to a new port, the
 * connection is a stranger to the server.
 */
function fromItsEnd({ ending, emitter }: Finding): string {
  const like = `The ${ending.kind === 'fin' ? 'FIN' : 'reset'} itself proves no box`;
  const because = emitter.because.join('; ');
  return ending.kind === 'rst' && ending.by === 'responder'
    ? `${like}: ${because}. A server answers so when a NAT maps the connection to a new port.`
    : `${like}: ${because}.`;
}

/** Proven otherwise than by where its ending was made. */
const isShown = ({ bothSides, cameBack }: Finding): boolean =>
  bothSides !== undefined || cameBack !== undefined;

function settledBy(best: Finding): Labelled | null {
  const fact = strongest(best);
  if (best.verdict !== 'box-timeout' || best.emitter.is !== 'endpoint' || isShown(best))
    return null;
  return fact === null ? null : { label: 'Settled by', text: `${fact}. ${fromItsEnd(best)}` };
}

export function proof(cut: readonly Finding[]): readonly Labelled[] {
  const [best] = [...cut].sort((a, b) => b.confidence - a.confidence);
  if (best === undefined || best.emitter.because.length === 0) return [];
  const settled = settledBy(best);
  if (settled !== null) return [settled];
  const because = best.emitter.because.join('; ');
  const label = cut.some(({ verdict }) => verdict === 'box-timeout') ? 'Proof' : 'Evidence';
  return best.emitter.is === 'middlebox' && best.bothSides === undefined
    ? [{ label, text: `not sent by an end of the connection: ${because}.` }]
    : [{ label, text: `${because}.` }];
}
