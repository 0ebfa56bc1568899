/**
 * Claim: where the responder speaks first and the originator does not answer, a box is to blame only if the originator
 * was there all the while.
 *
 * Why: a phone that lost its power, a laptop asleep and a client that rebooted end a server's pushes exactly so, each at
 * its own moment; the length of the silence is then the server's habit, and passes for a threshold. The originator vouches
 * for itself by any packet after the trigger on a connection that is older than the silence; a silent drop also by a new
 * connection near the trigger (a host that is up and has lost the old one answers with a reset). A reset may be that of
 * a host that came back, so a new connection vouches for none. Contradicted by a proof that the reset was made mid-path.
 *
 *   server > client probe ×9, no answer · nothing more of the client                  → possible, no part in T
 *   server > client probe ×9, no answer · the same client speaks on another connection → may be a box
 */
import type { SilenceRecord } from '../base/record.ts';
import { TRIGGER } from '../base/silence.ts';
import { placeOf } from './crowd.ts';
import type { Evidence, Finding, Judgement, Scene } from './finding.ts';
import { retold } from './rejudge.ts';

/** A connection of an originator: when it began, and the originator's last packet that a record tells of. */
interface Life {
  readonly bornNs: bigint;
  readonly lastNs: bigint;
}

const NOBODY_VOUCHES: Evidence = {
  fact: 'nothing shows that the originator was still there: a host that went away would look the same',
  speaksFor: 'not-a-timeout',
  weight: 0.4,
};

/** The same judgements; those that nothing vouches for carry it. */
export function vouched(judgements: readonly Judgement[], scene: Scene): readonly Judgement[] {
  const asked = judgements.filter(isAsked);
  if (asked.length === 0) return judgements;
  const lives = livesOf(scene.records(), new Set(asked.map(({ record }) => hostOf(record))));
  const unvouched = new Set(asked.filter(({ record }) => !isVouched(record, lives)));
  return judgements.map((one) => (unvouched.has(one) ? { ...one, finding: marked(one) } : one));
}

const isAsked = ({ finding, record }: Judgement): boolean =>
  finding?.verdict === 'possible-box-timeout' &&
  record.triggerKind !== TRIGGER.none &&
  record.triggerBy === 1 &&
  finding.emitter.is !== 'middlebox';

const hostOf = (record: SilenceRecord): string => `${placeOf(record)} ${record.originatorAddress}`;

/** By host, the oldest connection first; `lastNs` is that of it and of all older ones. */
type Lives = ReadonlyMap<string, readonly Life[]>;

function livesOf(records: Iterable<SilenceRecord>, hosts: ReadonlySet<string>): Lives {
  const lives = new Map<string, Life[]>();
  for (const record of records) {
    const host = hostOf(record);
    if (!hosts.has(host)) continue;
    const one = { bornNs: record.flowStartedAtNs, lastNs: lastOfOriginator(record) };
    const known = lives.get(host);
    if (known === undefined) lives.set(host, [one]);
    else known.push(one);
  }
  for (const [host, some] of lives) lives.set(host, accumulated(some));
  return lives;
}

function accumulated(some: readonly Life[]): Life[] {
  let lastNs = 0n;
  return [...some]
    .sort((a, b) => (a.bornNs < b.bornNs ? -1 : a.bornNs > b.bornNs ? 1 : 0))
    .map((one) => {
      if (one.lastNs > lastNs) lastNs = one.lastNs;
      return { bornNs: one.bornNs, lastNs };
    });
}

/** What the originator itself sent: its trigger, its answer, else the last packet before the silence if that was its own. */
function lastOfOriginator(record: SilenceRecord): bigint {
  if (record.triggerKind !== TRIGGER.none && record.triggerBy === 0) return record.triggerAtNs;
  if (record.answeredAtNs !== 0n && record.triggerBy === 1) return record.answeredAtNs;
  return record.lastBeforeBy === 0 ? record.startedAtNs : record.flowStartedAtNs;
}

function isVouched(record: SilenceRecord, lives: Lives): boolean {
  const dropped = record.endingBy !== 0 || record.endingAtNs === 0n;
  if (dropped && record.reconnectedAtNs !== 0n) return true;
  const some = lives.get(hostOf(record)) ?? [];
  return lastOnOlder(some, record.startedAtNs) >= record.triggerAtNs;
}

/** The last packet on connections that began before that moment; 0 where there is none. */
function lastOnOlder(some: readonly Life[], beforeNs: bigint): bigint {
  let [low, high] = [0, some.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((some[middle]?.bornNs ?? 0n) < beforeNs) low = middle + 1;
    else high = middle;
  }
  return some[low - 1]?.lastNs ?? 0n;
}

function marked({ finding }: Judgement): Finding | null {
  if (finding === null) return null;
  const { verdict, confidence } = finding;
  return retold(finding, { verdict, confidence, unvouched: true }, NOBODY_VOUCHES);
}

/** The silence may be no more than the server's habit. What was proven mid-path since needs no voucher. */
export const isUnvouched = ({ unvouched, verdict }: Finding): boolean =>
  unvouched === true && verdict === 'possible-box-timeout';
