import { expect, test } from 'vitest';
import { findingId, hash64, type PathKey, pathId } from '../../src/judge/identity.ts';
import { lateReset } from './records.ts';

const record = lateReset();

test('a connection met mid-stream has the same id whichever side was guessed to be the originator', () => {
  const turned = {
    ...record,
    originatorAddress: record.responderAddress,
    originatorPort: record.responderPort,
    responderAddress: record.originatorAddress,
    responderPort: record.originatorPort,
    sides: [record.sides[1], record.sides[0]] as const,
  };
  expect(findingId(turned)).toBe(findingId(record));
});

test('the next connection on the same ports has another id: its sequence numbers differ', () => {
  const [client, server] = record.sides;
  expect(findingId({ ...record, sides: [{ ...client, nxt: 77 }, server] })).not.toBe(
    findingId(record),
  );
});

test('neither time nor frame nor capture point moves an id', () => {
  const elsewhere = { ...record, startedAtNs: 5n, endedAtNs: 6n, frameEnding: 99, capturePoint: 7 };
  expect(findingId(elsewhere)).toBe(findingId(record));
});

test('the hash does not change between versions: ids are kept in databases', () => {
  expect(findingId(record)).toMatchInlineSnapshot(`"f_7e7ac8cbf38ee935"`);
});

test('a hundred thousand neighbouring texts have a hundred thousand hashes, in both halves', () => {
  const hashes = Array.from({ length: 100_000 }, (_, i) => hash64(`198.51.100.9|27017|${i}`));
  expect(new Set(hashes).size).toBe(100_000);
  for (const half of [0, 8]) {
    const parts = new Set(hashes.map((hash) => hash.slice(half, half + 8)));
    expect(parts.size).toBeGreaterThan(99_980);
  }
});

test('a path is told apart by everything that may mean another box', () => {
  const key: PathKey = {
    capturePoint: 'in0',
    tunnelKind: 0,
    tunnelId: 0,
    responderAddress: '198.51.100.9',
    responderPort: 27017,
    firstSpeaker: 'originator',
  };
  const others: PathKey[] = [
    { ...key, capturePoint: 'out0' },
    { ...key, tunnelKind: 1, tunnelId: 42 },
    { ...key, responderAddress: '198.51.100.10' },
    { ...key, responderPort: 27018 },
    { ...key, firstSpeaker: 'responder' },
  ];
  expect(new Set([key, ...others].map(pathId)).size).toBe(6);
  expect(pathId(key)).toMatch(/^p_[0-9a-f]{16}$/);
});
