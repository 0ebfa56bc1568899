/** A proxy is two connections that always close together; everything else that closes is not. */
import { describe, expect, test } from 'vitest';
import { idleFin } from '../judge/records.ts';
import { bothSides, OUT } from './correlate-kit.ts';

describe('two legs that close together', () => {
  const client = (n: number, apart = 0) =>
    idleFin({
      port: 40000 + n,
      from: n * 10 + apart,
      silent: 60,
      client: { nxt: n, ack: n },
      server: { nxt: n + 500, ack: n, ttlData: 62 },
      record: { responderAddress: '192.0.2.1', responderPort: 80 },
    });
  const server = (n: number, apart = 0) => {
    const leg = idleFin({
      port: 50000 + n,
      from: n * 10 + 0.001 + apart,
      silent: 60,
      client: { nxt: n + 9000, ack: n, tsval: n },
      server: { nxt: n + 9500, ack: n, tsval: n + 7 },
    });
    return { ...leg, capturePoint: OUT, originatorAddress: '203.0.113.1', endingBy: 0 as const };
  };
  const legs = (records: Parameters<typeof bothSides>[0]) =>
    bothSides(records).judgements.filter(({ finding }) => finding?.otherLeg !== undefined);

  test('are a proxy’s', () => {
    const pairs = [1, 2, 3, 4].flatMap((n) => [client(n), server(n)]);
    const found = legs(pairs);
    expect(found).toHaveLength(8);
    expect(found[0]?.finding).toMatchObject({
      verdict: 'endpoint-timer',
      emitter: { is: 'endpoint' },
      otherLeg: { originator: { address: '203.0.113.1', port: 50001 } },
    });
    expect(found[0]?.finding?.evidence[0]?.fact).toMatch(/^a proxy: it closed its other leg/);
  });

  test('not where most have no partner, nor where they close a second apart', () => {
    const lonely = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(legs([...lonely.flatMap((n) => [client(n), server(n, n > 3 ? 1 : 0)])])).toEqual([]);
  });

  test('not where it is one connection seen twice', () => {
    const twice = [1, 2, 3, 4].flatMap((n) => [client(n), { ...client(n), capturePoint: OUT }]);
    expect(legs(twice)).toEqual([]);
  });
});
