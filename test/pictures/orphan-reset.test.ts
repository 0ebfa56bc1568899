/** Seen from the server's side: the server speaks first after the expiry. The gateway itself has TTL 64 − 1 here. */
import { expect, test } from 'vitest';
import { findingsOn } from '../kit/analyse.ts';

const served = (ending: string): string => `
      0.0000  client > server  SYN
      0.0001  server > client  SYN ACK
      0.0200  client > server  ACK
      0.0300  client > server  PSH ACK  100 bytes
      0.0301  server > client  PSH ACK  300 bytes
      0.0500  client > server  ACK
    300.0500  server > client  PSH ACK  40 bytes
    ${ending}`;

const SERVER_SIDE = { ttl: { client: 52, server: 64 } };

test("the server pushes into a tuple that the gateway has forgotten: its kernel answers in the client's name", async () => {
  const picture = served('300.0520  client > server  stateless  ttl 63');
  expect(await findingsOn(picture, SERVER_SIDE)).toMatchObject([
    {
      signature: 'orphan-reset',
      verdict: 'box-timeout',
      emitter: { is: 'middlebox' },
      trigger: { kind: 'data', by: 'responder' },
      ending: { by: 'originator', form: 'stateless' },
      silence: { seconds: 300 },
    },
  ]);
});

test("the same at the client's own TTL and distance may be a client that rebooted", async () => {
  const picture = served('300.0700  client > server  stateless');
  expect(await findingsOn(picture, SERVER_SIDE)).toMatchObject([
    { signature: 'orphan-reset', verdict: 'possible-box-timeout' },
  ]);
});
