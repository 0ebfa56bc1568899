/** The words of the page for the closed vocabularies of a report, and times as people read them. */
import { durationOfSeconds } from '../../src/report/text/quantity.ts';
import type { FindingReport, PathReport } from '../../src/report/schema.ts';

export type Timeout = PathReport['timeout'];
export type Signature = FindingReport['signature'];
export type Verdict = FindingReport['verdict'];

const SIGNATURE_WORDS: Readonly<Record<string, string>> = {
  'expiry-reset': 'reset at expiry',
  'expiry-fin': 'closed at expiry',
  'idle-close': 'closed by an endpoint',
  'late-reset': 'reset on waking',
  'keepalive-reset': 'reset at a probe',
  blackhole: 'swallowed',
  remap: 'came back remapped',
  'orphan-reset': 'reset of the orphan',
  leak: 'leaked untranslated',
};

export const signatureWords = (signature: string): string =>
  SIGNATURE_WORDS[signature] ?? signature;

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  'box-timeout': 'box timeout',
  'possible-box-timeout': 'possibly a box',
  burst: 'restart, no timeout',
  'endpoint-timer': "endpoint's timer",
};

/** What happens, by the types of the contract, in the order in which a form offers them. */
export const EVENT_WORDS: Readonly<Record<string, string>> = {
  'finding.created': 'a connection died',
  'finding.updated': 'more is known of one',
  'path.estimated': 'T of a path is known',
  'path.changed': 'T of a path has moved',
  'job.completed': 'a job is done',
  'job.failed': 'a job has failed',
  'agent.silent': 'an agent fell silent',
  'agent.back': 'an agent is heard again',
};

/** Why T is not estimated, by the reason in the report (docs/method.md). */
const REASON_WORDS: Readonly<Record<string, string>> = {
  'nothing-killed': 'nothing here shows a kill by a box',
  'nothing-survived': 'no shorter silence survived',
  'too-few': 'there are too few silences to tell',
  'one-moment': 'all died at one moment, which points to a restart',
  'no-bracket': 'no silence survived below the killed ones',
  'no-dependence': 'being killed does not depend on how long they were silent',
  'several-steps': 'silences are cut at more than one length',
  'endpoint-timer': 'an application or proxy closes these, not a box',
};

export const reasonWords = (reason: string | null): string | null =>
  reason === null ? null : (REASON_WORDS[reason] ?? reason.replaceAll('-', ' '));

export const speakerWords = (side: 'originator' | 'responder' | 'either' | null): string =>
  side === 'originator'
    ? 'client'
    : side === 'responder'
      ? 'server'
      : side === 'either'
        ? 'either end'
        : 'box';

export const duration = (seconds: number): string => durationOfSeconds(Math.max(0, seconds));

/** The same with as many digits in every row, so that the rows of a column compare. */
export const durationInColumn = (seconds: number): string =>
  seconds >= 1 && seconds < 600 ? `${seconds.toFixed(1)} s` : duration(seconds);

/** With minutes or hours behind it where seconds alone are hard to feel. */
export function felt(seconds: number): string {
  const minutes = seconds / 60;
  if (seconds < 120 || seconds >= 7200) return duration(seconds);
  return `${duration(seconds)} (${Number(minutes.toPrecision(2))} min)`;
}

/** What is known of T in few words: "64.9 to 92.9 s". Null where nothing is. */
export function intervalWords({ lowSeconds, highSeconds }: Timeout): string | null {
  if (lowSeconds !== null && highSeconds !== null) {
    const [low, high] = [duration(lowSeconds), duration(highSeconds)];
    if (low === high) return high;
    const unit = / \S+$/.exec(high)?.[0] ?? '';
    return low.endsWith(unit) && !/\d [a-z]+ \d/.test(low)
      ? `${low.slice(0, -unit.length)} to ${high}`
      : `${low} to ${high}`;
  }
  if (highSeconds !== null) return `at most ${duration(highSeconds)}`;
  return lowSeconds === null ? null : `more than ${duration(lowSeconds)}`;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Of --names. */
  readonly name?: string;
}

export function endpoint({ address, port, name }: Endpoint): string {
  const bare = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return name === undefined ? bare : `${bare} (${name})`;
}

export const pathTitle = ({ responder }: Pick<PathReport, 'responder'>): string =>
  endpoint({ ...responder, address: responder.network.replace(/\/(32|128)$/, '') });
