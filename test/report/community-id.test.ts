import { expect, test } from 'vitest';
import { communityId } from '../../src/report/community-id.ts';

const tuple = (a: string, aPort: number, b: string, bPort: number) => ({
  originatorAddress: a,
  originatorPort: aPort,
  responderAddress: b,
  responderPort: bPort,
});

/** The first is the specification's own example; the others follow its recipe, in Python. */
test.each([
  ['128.232.110.120', 34855, '66.35.250.204', 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['2001:db8:1::2', 57014, '2001:db8:3::9', 27017, '1:npTlrm9nNA6VMfCbKucnNuT56m4='],
  ['10.0.0.1', 2000, '10.0.0.1', 1000, '1:nxwYq30oipX1dGVDLt7tz75Hofc='],
] as const)(
  '%s:%i and %s:%i are called %s, whoever spoke first',
  (a, aPort, b, bPort, expected) => {
    expect(communityId(tuple(a, aPort, b, bPort))).toBe(expected);
    expect(communityId(tuple(b, bPort, a, aPort))).toBe(expected);
  },
);
