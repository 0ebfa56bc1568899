/** Connections that come back without a SYN: under another port, or with the address that should have been translated. */
import { describe, expect, test } from 'vitest';
import type { BIRTH } from '../../src/base/silence.ts';
import type { SilenceRecord } from '../../src/base/record.ts';
import { lateReset, quiet, unanswered } from '../judge/records.ts';
import { bothSides, IN, inside, ns, OUT, outside, proofOf, ZERO } from './correlate-kit.ts';
import type { Values } from './packed.ts';

const bytes = (address: string): readonly number[] => address.split('.').map(Number);

/** The first packet of another tuple, `seconds` after the beginning, that goes on where the client of `old` stopped. */
function birth(
  old: SilenceRecord,
  seconds: number,
  changes: Values<typeof BIRTH> = {},
): Values<typeof BIRTH> {
  return {
    atNs: ZERO + ns(seconds),
    frame: 77,
    sourceAddress: bytes('203.0.113.1'),
    sourcePort: 52001,
    destinationAddress: bytes(old.responderAddress),
    destinationPort: old.responderPort,
    capturePoint: OUT,
    seq: old.sides[0].nxt,
    ack: old.sides[0].ack,
    payload: 100,
    tcpFlags: 0x18,
    ttl: 63,
    ipVersion: 4,
    ...changes,
  };
}

/** The reset that comes back to it, 20 ms later. */
function answer(to: Values<typeof BIRTH>): Values<typeof BIRTH> {
  return {
    ...to,
    atNs: (to.atNs as bigint) + ns(0.02),
    frame: 78,
    sourceAddress: to.destinationAddress as readonly number[],
    sourcePort: to.destinationPort as number,
    destinationAddress: to.sourceAddress as readonly number[],
    destinationPort: to.sourcePort as number,
    seq: to.ack as number,
    ack: 0,
    payload: 0,
    tcpFlags: 0x04,
  };
}

const old = quiet(outside({ silent: 900 }));
const LEAKED = { sourceAddress: bytes('192.168.77.2'), sourcePort: 40000 };

describe('outside alone', () => {
  const found = (changes: Values<typeof BIRTH>, seconds = 350, record = old) =>
    bothSides([record], {
      births: [birth(old, seconds, changes), answer(birth(old, seconds, changes))],
    }).at(OUT);

  test('a new source port without a SYN is a translator that had lost its row', () => {
    const judgement = found({});
    expect(judgement).toMatchObject({
      outcome: 'killed',
      finding: {
        signature: 'remap',
        verdict: 'box-timeout',
        silenceNs: ns(350),
        trigger: { kind: 'data', by: 'originator', payloadBytes: 100 },
        ending: {
          kind: 'rst',
          by: 'responder',
          form: 'stateless',
          atNs: ZERO + ns(350.02),
          latencyNs: ns(0.02),
        },
        translated: { originator: { address: '203.0.113.1', port: 52001 } },
      },
    });
    expect(proofOf(judgement)).toContain('came back as 203.0.113.1:52001 > 198.51.100.9:27017');
    expect(judgement.finding?.summary).toContain('it came back as 203.0.113.1:52001');
  });

  test('a keepalive probe comes back as well: it lies one byte before', () => {
    const { finding } = found({ seq: old.sides[0].nxt - 1, payload: 0, tcpFlags: 0x10 });
    expect(finding).toMatchObject({ signature: 'remap', trigger: { kind: 'keepalive' } });
  });

  test('the private address with the same port is a leak, and nobody answers it', () => {
    expect(found(LEAKED).finding).toMatchObject({
      signature: 'leak',
      verdict: 'box-timeout',
      ending: { kind: 'none' },
      translated: { originator: { address: '192.168.77.2', port: 40000 } },
    });
  });

  test('without a reset that came back to it there is none to speak of', () => {
    const { at } = bothSides([old], { births: [birth(old, 350)] });
    expect(at(OUT).finding).toMatchObject({ signature: 'remap', ending: { kind: 'none' } });
  });

  test.each([
    ['other numbers', { seq: 4711 }],
    ['another acknowledgement', { ack: 4711 }],
    ['another server', { destinationAddress: bytes('198.51.100.10') }],
    ['another capture point', { capturePoint: IN }],
    ['another tunnel', { tunnelId: 9 }],
    ['the tuple as it was', { sourcePort: 40000 }],
  ])('%s is another connection', (_, changes) => {
    expect(found(changes)).toMatchObject({ outcome: 'open', finding: null });
  });

  test('too soon for a silence, or after the old tuple had spoken again, it says nothing', () => {
    expect(found({}, 5).finding).toBeNull();
    expect(found({}, 350, quiet(outside({ silent: 300 }))).finding).toBeNull();
  });

  test('of several the first counts', () => {
    const births = [birth(old, 360, { sourcePort: 52002 }), birth(old, 350)];
    expect(bothSides([old], { births }).at(OUT).finding?.translated?.originator.port).toBe(52001);
  });
});

describe('with the inside', () => {
  test('the reset of the server is the answer to a remapped packet: a box, with the new port', () => {
    const cut = lateReset(inside({ silent: 350 }));
    const both = bothSides([cut, old], { births: [birth(cut, 350)] });
    const [here, there] = [both.at(IN).finding, both.at(OUT).finding];
    expect(here).toMatchObject({
      signature: 'late-reset',
      verdict: 'box-timeout',
      emitter: { is: 'middlebox' },
      translated: { originator: { address: '203.0.113.1', port: 52001 } },
      sameAs: [there?.id],
    });
    expect(there).toMatchObject({
      signature: 'remap',
      ending: { kind: 'rst' },
      sameAs: [here?.id],
    });
  });

  test('packets that came out untranslated prove the box, whichever addresses are private', () => {
    const dropped = unanswered(inside({ silent: 350 }));
    const leaked = birth(dropped, 350, { sourceAddress: bytes('192.0.2.10'), sourcePort: 40000 });
    const both = bothSides([dropped, old], { births: [leaked] });
    expect(both.at(IN).finding).toMatchObject({ signature: 'blackhole', verdict: 'box-timeout' });
    expect(proofOf(both.at(IN))).toContain('untranslated');
    expect(both.at(OUT).finding).toMatchObject({ signature: 'leak' });
  });

  test('a connection that was never seen outside before may just have been met there', () => {
    const cut = lateReset(inside({ silent: 350 }));
    const { at } = bothSides([cut], { births: [birth(cut, 350)] });
    expect(at(IN).finding?.verdict).toBe('possible-box-timeout');
  });
});

test('many that come back at one moment, silent for long or not, are a flush and no timeout', () => {
  const flow = (n: number, silent: number) =>
    quiet(outside({ port: 40000 + n, from: 1000 - silent, silent: silent + 500 }));
  const silent = [1, 2, 3, 4, 5, 6].map((n) => flow(n, 100 + 20 * n));
  const busy = [11, 12, 13, 14, 15, 16].map((n) => flow(n, n - 8));
  const births = [...silent, ...busy].map((record, n) =>
    birth(record, 1001, { sourcePort: 52000 + n }),
  );
  const scene = { longestSurvivedNs: () => ns(30) };
  const given = { births: [...births, ...births.map(answer)], scene };
  const both = bothSides([...silent, ...busy], given);
  expect(both.bursts).toBe(1);
  for (const { finding } of both.judgements) expect(finding?.verdict ?? 'burst').toBe('burst');
  const calm = bothSides(silent, { scene, births: births.slice(0, silent.length) });
  expect(calm.bursts).toBe(0);
});
