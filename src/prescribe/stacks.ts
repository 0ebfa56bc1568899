/**
 * Which software a path belongs to, guessed from what its connections say first, else from the port
 * of the server, and all that is said about it.
 */
import type { By } from '../judge/finding.ts';
import type { PathKnown } from './path-case.ts';
import { mongodb, mysql, postgresql, redis } from './stack/databases.ts';
import { spokenIn } from './stack/first-bytes.ts';
import { amqp, imap, kafka, ldap, ssh } from './stack/messaging.ts';
import { containers, linux, programs } from './stack/linux.ts';
import type { OwnTimer, Prescribed, RemedyLine, Stack } from './stack/stack.ts';
import { grpc, haproxy, http } from './stack/web.ts';

export const STACKS: readonly Stack[] = [
  mongodb,
  postgresql,
  mysql,
  redis,
  amqp,
  kafka,
  imap,
  ldap,
  ssh,
  grpc,
  http,
  haproxy,
];

/** What a guess went by. */
export interface Guess {
  readonly stack: Stack;
  readonly from: 'first-bytes' | 'port';
}

/** By the first bytes of its connections, else by the port; null where neither says anything. */
export function guessStack({ responderPort, firstBytes = [] }: Listening): Guess | null {
  const spoken = spokenIn(firstBytes);
  const seen = STACKS.find(({ name }) => name === spoken);
  if (seen !== undefined) return { stack: seen, from: 'first-bytes' };
  const usual = STACKS.find(({ ports }) => ports.includes(responderPort));
  return usual === undefined ? null : { stack: usual, from: 'port' };
}

type Listening = Pick<PathKnown, 'responderPort' | 'firstBytes'>;

/**
 * The guessed stack's lines first behind those of Linux; without a guess, what any program can do.
 */
export function keepaliveLines(to: Prescribed, stack: Stack | null): readonly RemedyLine[] {
  return [
    ...linux(to),
    ...(stack === null ? [] : stack.keepalive(to)),
    ...(stack === http ? haproxy.keepalive(to) : []),
    ...containers(to),
    ...programs(to),
  ];
}

const APPLICATION: RemedyLine = {
  stack: 'Application',
  kind: 'note',
  text:
    'raise the idle timer, or send something of the application itself (a ping, a ' +
    'no-op) well before it runs out',
};

const where = (lines: readonly RemedyLine[], closer: string): readonly RemedyLine[] =>
  lines.map((line) => ({ ...line, stack: `${line.stack}, where ${closer} closes` }));

const either = ({ originator, responder }: OwnTimer): readonly RemedyLine[] =>
  originator === responder
    ? originator
    : [...where(responder, 'the server'), ...where(originator, 'the client')];

const ofCloser = (timer: OwnTimer, closer: By | null): readonly RemedyLine[] =>
  closer === null ? either(timer) : timer[closer];

/** Never keepalive: a timer that counts payload does not see it. `closer`: null where both do. */
export const timerLines = (stack: Stack | null, closer: By | null): readonly RemedyLine[] => [
  APPLICATION,
  ...(stack === null ? [] : ofCloser(stack.ownTimer, closer)),
  ...ofCloser(haproxy.ownTimer, closer),
];
