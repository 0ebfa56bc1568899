/** What two capture points prove together, and everything that looks like proof and is none. */
import { describe, expect, test } from 'vitest';
import { FLOW_FLAG, OUTCOME } from '../../src/base/silence.ts';
import { fromSocket, lateReset, quiet, unaskedReset, unanswered } from '../judge/records.ts';
import { bothSides, IN, inside, ns, OUT, outside, proofOf, ZERO } from './correlate-kit.ts';

const cut = lateReset(inside({ silent: 350 }));
const silentOutside = quiet(outside({ silent: 900 }));

describe('a reset that one side shows and the other, nearer to its sender, does not', () => {
  test('was made inside the box, whatever its TTL says', () => {
    const alone = bothSides([cut]).at(IN);
    expect(alone.finding?.verdict).toBe('possible-box-timeout');
    const both = bothSides([cut, silentOutside]);
    expect(both.at(IN).finding).toMatchObject({
      signature: 'late-reset',
      verdict: 'box-timeout',
      emitter: { is: 'middlebox' },
      translated: { originator: { address: '203.0.113.1', port: 40000 } },
    });
    expect(both.at(IN).finding?.confidence).toBeGreaterThanOrEqual(0.95);
    expect(proofOf(both.at(IN))).toBe(
      'made inside the box: the reset appears at in0 and never at out0, nor does what it answers',
    );
    expect(both.at(OUT).outcome).toBe('open');
  });

  test('says so in its sentence', () => {
    const { finding } = bothSides([cut, silentOutside]).at(IN);
    expect(finding?.summary).toMatch(/not the server but a box on the way .* did that/);
  });

  test('an abort that only one side saw was no abort', () => {
    const abort = fromSocket(unaskedReset(inside({ silent: 350 })));
    expect(bothSides([abort]).at(IN).finding).toBeNull();
    expect(bothSides([abort, silentOutside]).at(IN)).toMatchObject({
      outcome: 'killed',
      resetCauses: ['expiry-reset'],
      finding: { signature: 'expiry-reset', verdict: 'box-timeout' },
    });
  });

  test('a reset from the far side that was not let in proves nothing', () => {
    const abort = fromSocket(unaskedReset(outside({ silent: 350 })));
    const silentInside = quiet(inside({ silent: 900 }));
    expect(bothSides([abort, silentInside]).at(OUT)).toMatchObject({ outcome: 'closed' });
  });

  test('a trigger that came out was answered further on', () => {
    const cameOut = unanswered(outside({ silent: 350 }));
    const { finding } = bothSides([cut, cameOut]).at(IN);
    expect(finding?.verdict).toBe('possible-box-timeout');
    expect(finding?.sameAs).toHaveLength(1);
  });

  test('the same reset on both sides came through, and the findings name each other', () => {
    const both = bothSides([cut, lateReset(outside({ silent: 350 }))]);
    const [here, there] = [both.at(IN).finding, both.at(OUT).finding];
    expect(here?.verdict).toBe('possible-box-timeout');
    expect(here?.evidence.at(-1)?.fact).toMatch(/^the same reset was seen at in0 and at out0/);
    expect(here?.sameAs).toEqual([there?.id]);
    expect(there?.sameAs).toEqual([here?.id]);
    expect(there?.translated?.originator.address).toBe('192.0.2.10');
  });
});

describe('what was not seen proves something only where somebody looked', () => {
  const verdict = (given: Parameters<typeof bothSides>[1], records = [cut, silentOutside]) =>
    bothSides(records, given).at(IN).finding?.verdict;

  test('a capture that ends earlier and was not alone counts, unless it was cut off', () => {
    expect(verdict({ ends: [1000, 300] })).toBe('box-timeout');
    expect(proofOf(bothSides([cut, silentOutside], { ends: [1000, 300] }).at(IN))).toContain(
      '(nothing later at all is in out0)',
    );
    expect(verdict({ ends: [1000, 300], complete: false })).toBe('possible-box-timeout');
  });

  test('a responder heard inside meanwhile says that the outside capture had stopped', () => {
    const heard = { responderAnswered: () => true };
    expect(verdict({ ends: [1000, 300], scene: heard })).not.toBe('box-timeout');
    expect(verdict({ ends: [1000, 1000], scene: heard })).toBe('box-timeout');
  });

  test('a capture that was blind then, or lost packets, proves nothing or less', () => {
    const [fromNs, untilNs] = [ZERO + ns(349), ZERO + ns(351)];
    expect(verdict({ blind: [{ capturePoint: OUT, fromNs, untilNs }] })).not.toBe('box-timeout');
    expect(verdict({ blind: [{ capturePoint: OUT, fromNs: 0n, untilNs: 1n }] })).toBe(
      'box-timeout',
    );
    const lossy = bothSides([cut, silentOutside], { dropped: 3 }).at(IN).finding;
    const clean = bothSides([cut, silentOutside]).at(IN).finding;
    expect(lossy?.confidence).toBeLessThan(clean?.confidence ?? 0);
  });

  test('a point that sees one direction only cannot miss the other', () => {
    const flowFlags = silentOutside.flowFlags & ~FLOW_FLAG.sawSide0;
    expect(verdict({}, [cut, { ...silentOutside, flowFlags }])).not.toBe('box-timeout');
  });

  test('an inside capture that stopped does not make the outside’s resets a box’s', () => {
    const fromServer = lateReset(outside({ silent: 350, record: { endingTtl: 63 } }));
    const stopped = quiet(inside({ silent: 100 }));
    const both = bothSides([fromServer, stopped], { ends: [100, 1000] });
    expect(both.at(OUT).finding?.verdict).toBe('possible-box-timeout');
  });
});

describe('retransmissions that went in', () => {
  const dropped = unanswered(inside({ silent: 350 }));

  test('and never came out were dropped inside the box', () => {
    const { finding } = bothSides([dropped, silentOutside]).at(IN);
    expect(finding).toMatchObject({ signature: 'blackhole', verdict: 'box-timeout' });
    expect(finding?.evidence[0]?.fact).toBe(
      'dropped inside the box: 7 packets went in at in0 and never came out at out0',
    );
  });

  test('and came out were dropped further on', () => {
    const { finding } = bothSides([dropped, unanswered(outside({ silent: 350 }))]).at(IN);
    expect(finding?.verdict).toBe('possible-box-timeout');
  });
});

test('the far side speaks first: its reset is proven, and a FIN into the dead half later is no second death', () => {
  const orphan = lateReset(outside({ silent: 350, by: 1 as const, record: { endingTtl: 63 } }));
  const lateFin = unanswered(inside({ silent: 400, kind: 3 }));
  const both = bothSides([orphan, lateFin]);
  expect(both.at(OUT).finding).toMatchObject({ signature: 'orphan-reset', verdict: 'box-timeout' });
  expect(both.at(IN)).toMatchObject({ outcome: 'killed', finding: null });
  const alone = bothSides([lateFin]).at(IN);
  expect(alone.finding?.signature).toBe('blackhole');
});

describe('a silence without a record at the other point', () => {
  const ends = [1000, 340] as const;
  const port = (n: number) => 40000 + n;
  const fellow = (n: number) => [
    lateReset(inside({ port: port(n), silent: 350 })),
    quiet(outside({ port: port(n), silent: 340 })),
  ];
  const late = lateReset(inside({ port: port(9), from: 330, silent: 350 }));

  test('is proven by its fellows, where that point saw nothing more', () => {
    const records = [...[1, 2, 3].flatMap(fellow), late];
    expect(bothSides(records, { ends }).at(IN, port(9)).finding?.verdict).toBe('box-timeout');
  });

  test('not by two of them, nor where another had to be seen there and was not', () => {
    const few = [...[1, 2].flatMap(fellow), late];
    expect(bothSides(few, { ends }).at(IN, port(9)).finding?.verdict).toBe('possible-box-timeout');
    const [stranger] = fellow(5);
    const records = [...[1, 2, 3].flatMap(fellow), late, ...(stranger ? [stranger] : [])];
    expect(bothSides(records, { ends }).at(IN, port(9)).finding?.verdict).not.toBe('box-timeout');
  });

  test('by an earlier silence of its own, which gives its tuple there as well', () => {
    const flowStartedAtNs = ZERO - ns(50);
    const before = { silent: 25, from: 0, record: { outcome: OUTCOME.survived, flowStartedAtNs } };
    const [mine, theirs] = [quiet(inside(before)), quiet(outside(before))];
    const outsideBefore = { ...theirs, capturePoint: OUT, originatorAddress: '203.0.113.1' };
    const killed = lateReset(
      inside({
        from: 335,
        silent: 350,
        client: { nxt: 5, ack: 6, tsval: 7 },
        server: { nxt: 6, ack: 5, tsval: 8 },
        record: { flowStartedAtNs },
      }),
    );
    const { judgements } = bothSides([mine, outsideBefore, killed], { ends });
    const found = judgements.find(({ finding }) => finding !== null)?.finding;
    expect(found).toMatchObject({
      verdict: 'box-timeout',
      translated: { originator: { address: '203.0.113.1', port: 40000 } },
    });
  });
});
