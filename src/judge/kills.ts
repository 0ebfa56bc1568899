/**
 * Kills that a burst may hold: resets and witnessed drops, by what may have struck them together.
 */
import type { SilenceRecord } from '../base/record.ts';
import { endedByReset, silenceNs } from './connection.ts';
import { type Kill, pathOf, placeOf, serviceOf } from './crowd.ts';
import type { Finding, Judgement } from './finding.ts';

export type Reading = 'restart' | 'flush';

type Kind = (finding: Finding, record: SilenceRecord) => boolean;

export function killsAmong(judgements: readonly Judgement[], isOne: Kind): Kill[] {
  const kills: Kill[] = [];
  for (const judgement of judgements) {
    const kill = killOf(judgement, kills.length, isOne);
    if (kill !== null) kills.push(kill);
  }
  return kills;
}

/** A locator, a witness or the other side of the box says so: without any the verdict is only possible. */
export const isMidPath = ({ finding }: Kill): boolean =>
  finding.emitter.is === 'middlebox' || finding.verdict === 'box-timeout';

/** The reset wears the responder's address, and no locator says that it was made on the way. */
const mayBeRestart = ({ finding, record }: Kill): boolean =>
  record.endingBy === 1 && finding.emitter.is !== 'middlebox';

export const isReset: Kind = ({ signature, verdict }, record) =>
  signature !== 'blackhole' &&
  (verdict === 'box-timeout' || verdict === 'possible-box-timeout') &&
  endedByReset(record);

/** With a witness. */
export const isDrop: Kind = ({ signature, verdict }) =>
  signature === 'blackhole' && verdict === 'box-timeout';

function killOf(judgement: Judgement, index: number, isOne: Kind): Kill | null {
  const { finding, record } = judgement;
  if (finding === null || !isOne(finding, record)) return null;
  return {
    judgement,
    finding,
    record,
    goneNs: record.endedAtNs,
    startedNs: record.startedAtNs,
    silenceNs: silenceNs(record),
    service: serviceOf(record),
    path: pathOf(record),
    index,
  };
}

/** A restart is one responder's; a flush takes every responder behind one capture point. */
export const groups = (kills: readonly Kill[], reading: Reading): Map<string, Kill[]> =>
  reading === 'flush'
    ? gathered(kills.filter(isMidPath), ({ record }) => placeOf(record))
    : gathered(
        kills.filter(mayBeRestart),
        ({ record }) => `${placeOf(record)} ${record.responderAddress}`,
      );

export function gathered(
  kills: readonly Kill[],
  keyOf: (kill: Kill) => string,
): Map<string, Kill[]> {
  const found = new Map<string, Kill[]>();
  for (const kill of kills) {
    const key = keyOf(kill);
    const known = found.get(key);
    if (known === undefined) found.set(key, [kill]);
    else known.push(kill);
  }
  return found;
}
