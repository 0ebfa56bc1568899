/**
 * A notice for people: a title, a sentence, a few facts. What chats and pagers show of it differs only
 * in their own syntax; every text here is tame already.
 */
import { endpointText } from '../../report/address.ts';
import type { Alert, Notice } from '../notice.ts';
import { at, type Data, numberAt, textAt } from './read.ts';
import { tame } from './tame.ts';

export interface Card {
  readonly title: string;
  readonly text: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly severity: 'critical' | 'warning' | 'info' | 'good';
}

/** Chosen: below the least of the formats' limits (Slack: header 150, field 2000, section 3000). */
const TITLE = 140;
const TEXT = 1500;
const FACT = 300;

const seconds = (value: number): string => `${Number(value.toPrecision(3))} s`;

const named = (name: string, value: string | null): readonly (readonly [string, string])[] =>
  value === null || value === '' ? [] : [[name, tame(value, FACT)]];

function endpoint(data: unknown, ...keys: readonly string[]): string | null {
  const address = textAt(data, ...keys, 'address');
  const port = numberAt(data, ...keys, 'port');
  return address === null || port === null ? address : endpointText(address, port);
}

function timeoutText(timeout: unknown): string | null {
  const estimate = numberAt(timeout, 'estimateSeconds');
  const [low, high] = [numberAt(timeout, 'lowSeconds'), numberAt(timeout, 'highSeconds')];
  const between = low === null || high === null ? null : `${seconds(low)} to ${seconds(high)}`;
  if (estimate !== null)
    return `about ${seconds(estimate)}${between === null ? '' : ` (${between})`}`;
  if (between !== null) return between;
  return high === null ? null : `at most ${seconds(high)}`;
}

/** The facts of a kill. */
function findingFacts(data: unknown): Card['facts'] {
  const confidence = numberAt(data, 'confidence');
  const silence = numberAt(data, 'silence', 'seconds');
  return [
    ...named('Client', endpoint(data, 'flow', 'originator')),
    ...named('Server', endpoint(data, 'flow', 'responder')),
    ...named('Silent for', silence === null ? null : seconds(silence)),
    ...named('Signature', textAt(data, 'signature')),
    ...named('Verdict', textAt(data, 'verdict')),
    ...named('Confidence', confidence === null ? null : `${Math.round(confidence * 100)} %`),
    ...named('Capture point', textAt(data, 'flow', 'capturePoint')),
  ];
}

const VERDICT_TITLES: Readonly<Record<string, string>> = {
  'box-timeout': 'A box killed a silent connection',
  'possible-box-timeout': 'A silent connection died, possibly by a box',
  'endpoint-timer': 'An application or proxy timer closed a silent connection',
  burst: 'Connections died together: a restart, no timeout',
};

function findingCard(data: Data): Card {
  const verdict = textAt(data, 'verdict') ?? '';
  const server = endpoint(data, 'flow', 'responder');
  const what = VERDICT_TITLES[verdict] ?? 'A silent connection died';
  return {
    title: tame(server === null ? what : `${what} (${server})`, TITLE),
    text: tame(textAt(data, 'summary') ?? '', TEXT),
    facts: findingFacts(data),
    severity: verdict === 'box-timeout' ? 'critical' : 'warning',
  };
}

function pathCard(data: Data, changed: boolean): Card {
  const network = textAt(data, 'responder', 'network') ?? textAt(data, 'id') ?? '';
  const where = `${network.replace(/\/(?:32|128)$/, '')} port ${textAt(data, 'responder', 'port') ?? '?'}`;
  const timeout = timeoutText(at(data, 'timeout')) ?? 'unknown';
  const what = changed ? 'has changed' : 'is known';
  return {
    title: tame(`The idle timeout on the way to ${where} ${what}: ${timeout}`, TITLE),
    text: tame(`Silent connections to ${where} are dropped after ${timeout}.`, TEXT),
    facts: [
      ...named('Killed', textAt(data, 'killed')),
      ...named('Survived', textAt(data, 'survived')),
      ...named('Before', timeoutText(at(data, 'before'))),
      ...named('Capture point', textAt(data, 'capturePoint')),
    ],
    severity: changed ? 'warning' : 'info',
  };
}

function jobCard(data: Data, failed: boolean): Card {
  const id = textAt(data, 'id') ?? '';
  const reason = textAt(data, 'reason') ?? textAt(data, 'problem', 'what') ?? textAt(data, 'error');
  return {
    title: tame(`Job ${id} ${failed ? 'failed' : 'is completed'}`, TITLE),
    text: tame(reason ?? `The analysis ${failed ? 'failed' : 'is completed'}.`, TEXT),
    facts: [
      ...named('Capture', textAt(data, 'name')),
      ...named('Findings', textAt(data, 'progress', 'findings')),
    ],
    severity: failed ? 'warning' : 'info',
  };
}

function agentCard(data: Data, back: boolean): Card {
  const name = textAt(data, 'agent') ?? textAt(data, 'id') ?? textAt(data, 'name') ?? '';
  return {
    title: tame(`Agent ${name} ${back ? 'is heard again' : 'has fallen silent'}`, TITLE),
    text: back
      ? 'Its heartbeats arrive again. What died there meanwhile was not seen, or comes late out of its spool.'
      : 'No heartbeat arrives any more: whatever dies there now is not seen.',
    facts: [
      ...named('Host', textAt(data, 'host')),
      ...named('Last heard of', textAt(data, 'at') ?? textAt(data, 'lastSeenAt')),
    ],
    severity: back ? 'good' : 'critical',
  };
}

const testCard: Card = {
  title: 'A test of this webhook',
  text: 'deadair can reach this endpoint. Nothing has died.',
  facts: [],
  severity: 'info',
};

const connections = (count: number): string =>
  count === 1 ? '1 silent connection' : `${count} silent connections`;

function alertCard(alert: Alert): Card {
  const server = endpointText(alert.responder.address, alert.responder.port);
  const resolved = alert.status === 'resolved';
  const killed = `${connections(alert.kills)} to ${server}`;
  return {
    title: tame(
      resolved ? `Resolved: no more kills of connections to ${server}` : `${killed} killed`,
      TITLE,
    ),
    text: tame(resolved ? `${killed} had been killed.` : alert.finding.summary, TEXT),
    facts: [
      ...named('Kills', String(alert.kills)),
      ...named('First', alert.startedAt),
      ...named('Last', alert.lastKillAt),
      ...named('Idle timeout', timeoutText(alert.timeout)),
      ...named('Signature', alert.finding.signature),
      ...named('Capture point', alert.capturePoint),
      ...named('Path', alert.path),
    ],
    severity: resolved ? 'good' : 'critical',
  };
}

export function cardOf(notice: Notice): Card {
  if (notice.kind === 'alert') return alertCard(notice.data);
  const { type, data } = notice;
  switch (type) {
    case 'finding.created':
    case 'finding.updated':
      return findingCard(data);
    case 'path.estimated':
    case 'path.changed':
      return pathCard(data, type === 'path.changed');
    case 'job.completed':
    case 'job.failed':
      return jobCard(data, type === 'job.failed');
    case 'agent.silent':
    case 'agent.back':
      return agentCard(data, type === 'agent.back');
    default:
      return testCard;
  }
}
