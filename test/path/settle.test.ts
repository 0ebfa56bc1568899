/** What a path's threshold makes of the verdicts on it. */
import { expect, test } from 'vitest';
import { FLOW_FLAG, TRIGGER } from '../../src/base/silence.ts';
import type { Finding } from '../../src/judge/finding.ts';
import type { PathFacts } from '../../src/path/facts.ts';
import { settle } from '../../src/path/settle.ts';
import { finding } from './findings.ts';
import { record, second } from './packed.ts';

const PATH = {
  capturePoint: 0,
  findingIds: ['f_1'],
  significant: true,
  timeout: { lowSeconds: 340, highSeconds: 360 },
  observations: [
    { seconds: 340, outcome: 'survived', count: 12 },
    { seconds: 700, outcome: 'survived', count: 1 },
    { seconds: 360, outcome: 'late-reset', count: 8 },
  ],
} as unknown as PathFacts;

const possible = (changes: Partial<Finding> = {}, at = 360): Finding => ({
  ...finding('f_1', 'possible-box-timeout', record(), second(at)),
  confidence: 0.4,
  ...changes,
});

const settled = (one: Finding, path = PATH) => settle([one], [{ path, findings: [one] }])[0];

test('a possible timeout beyond a significant threshold is one, and the counts say why', () => {
  const after = settled(possible());
  expect(after).toMatchObject({ verdict: 'box-timeout', confidence: 0.85 });
  expect(after?.evidence.at(-1)?.fact).toBe(
    'on this path 8 of 9 silences beyond 340 s were killed, and 12 of 12 up to it survived',
  );
});

test("an emitter at the endpoint's own place leaves more doubt; proof is never lowered", () => {
  const emitter = { is: 'endpoint', because: [] } as const;
  expect(settled(possible({ emitter }))?.confidence).toBe(0.8);
  expect(settled(possible({ verdict: 'box-timeout', confidence: 0.97 }))?.confidence).toBe(0.97);
});

test('without a significant threshold nothing changes', () => {
  const path = { ...PATH, significant: false };
  expect(settled(possible(), path)).toEqual(possible());
});

test('a silence shorter than the timeout was ended by something else', () => {
  const after = settled(possible({}, 100));
  expect(after).toMatchObject({ verdict: 'possible-box-timeout', confidence: 0.4 });
  expect(after?.evidence.at(-1)).toMatchObject({ speaksFor: 'not-a-timeout' });
});

test.each(['burst', 'endpoint-timer'] as const)('%s stays what it is', (verdict) => {
  const one = possible({ verdict });
  expect(settled(one)).toEqual(one);
});

test.each([
  ['a FIN that nobody answered', { triggerKind: TRIGGER.fin }],
  ['a closed window', { triggerKind: TRIGGER.windowProbe }],
  ['an outage: the other side spoke again', { flowFlags: FLOW_FLAG.otherSpokeLater }],
])('%s proves no timer, threshold or not', (_, changes) => {
  const one = { ...possible(), record: record(changes) };
  expect(settled(one)).toEqual(one);
});

test('a silent drop after which nobody was heard stays possible, threshold or not', () => {
  const drop = { ...possible({ signature: 'blackhole' }), heardLater: false };
  expect(settled(drop)).toEqual(drop);
  expect(settled({ ...drop, heardLater: true })?.verdict).toBe('box-timeout');
});
