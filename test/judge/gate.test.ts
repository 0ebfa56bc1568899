import { describe, expect, test } from 'vitest';
import { FLOW_FLAG, OUTCOME, SIDE_FLAG } from '../../src/base/silence.ts';
import { findingOf, judged, lateReset, quiet, unaskedReset } from './records.ts';

const atTheGate = { endingTtl: 64 };

describe('what is not flagged, although a box answers', () => {
  test.each([
    ['a FIN of the server', { flags: SIDE_FLAG.timestamps | SIDE_FLAG.fin }],
    [
      'a FIN told only by an ACK one too high',
      { flags: SIDE_FLAG.timestamps | SIDE_FLAG.finInferred },
    ],
  ])('%s before the silence: the connection was closing', (_, server) => {
    expect(judged(lateReset({ server, record: atTheGate }))).toMatchObject({
      finding: null,
      outcome: 'closed',
      resetCauses: ['after-fin'],
    });
    expect(judged(unaskedReset({ server, record: atTheGate }))).toMatchObject({
      finding: null,
      resetCauses: ['after-fin'],
    });
  });

  test('a connection that was never established', () => {
    const flowFlags = FLOW_FLAG.sawSyn | FLOW_FLAG.originatorKnown | FLOW_FLAG.sawSide0;
    const refused = lateReset({ record: { ...atTheGate, flowFlags } });
    expect(judged(refused)).toMatchObject({ finding: null, resetCauses: ['refused'] });
  });

  test('half of a connection met mid-stream', () => {
    const flowFlags = FLOW_FLAG.midStream | FLOW_FLAG.sawSide0;
    const half = lateReset({ record: { ...atTheGate, flowFlags } });
    expect(judged(half)).toMatchObject({ finding: null, resetCauses: ['unknown-connection'] });
  });

  test('a silence shorter than asked for', () => {
    expect(judged(lateReset({ silent: 19, record: atTheGate }))).toMatchObject({
      finding: null,
      resetCauses: ['no-silence'],
    });
  });

  test('a silence shorter than ten round trips', () => {
    const slow = { minRttNs: 2_500_000_000 };
    expect(findingOf(lateReset({ silent: 24, server: slow, record: atTheGate }))).toBeNull();
    expect(findingOf(lateReset({ silent: 26, server: slow, record: atTheGate }))).not.toBeNull();
  });

  test('a silence that a hole in the capture hides', () => {
    const unobserved = lateReset({ record: { ...atTheGate, outcome: OUTCOME.unobserved } });
    expect(judged(unobserved)).toMatchObject({ finding: null, outcome: 'unobserved' });
  });

  test('a silence that ended well', () => {
    const record = quiet({ record: { outcome: OUTCOME.survived } });
    expect(judged(record)).toMatchObject({ finding: null, outcome: 'survived', resetCauses: [] });
  });
});

test('a connection met mid-stream, both sides heard, is judged like any other', () => {
  const flowFlags = FLOW_FLAG.midStream | FLOW_FLAG.sawSide0 | FLOW_FLAG.sawSide1;
  const cut = lateReset({ server: { ttlHandshake: 0 }, record: { ...atTheGate, flowFlags } });
  expect(findingOf(cut)).toMatchObject({ verdict: 'box-timeout' });
});
