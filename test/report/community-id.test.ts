import { expect, test } from 'vitest';
import { communityId } from '../../src/report/community-id.ts';

const tuple = (a: string, aPort: number, b: string, bPort: number) => ({
  originatorAddress: a,
  originatorPort: aPort,
  responderAddress: b,
  responderPort: bPort,
});

/** From the baseline of the specification's repository (tcp.pcap) and its IPv6 examples. */
test.each([
  ['128.232.110.120', 34855, '66.35.250.204', 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
] as const)(
  '%s:%i and %s:%i are called %s, whoever spoke first',
  (a, aPort, b, bPort, expected) => {
    expect(communityId(tuple(a, aPort, b, bPort))).toBe(expected);
    expect(communityId(tuple(b, bPort, a, aPort))).toBe(expected);
  },
);
