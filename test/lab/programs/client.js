/**
 * The lab's client. Reads {host, port, flows} from stdin, opens every connection at its time, follows its plan, and prints
 * a line of JSON for each: its local port, how it ended, and the silences as they really were, in seconds.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const { host, port, flows } = JSON.parse(text);

const now = () => performance.now() / 1000;

/** Waits for so many bytes; a connection that ends before is an error with its own name. */
async function receive(socket, bytes) {
  let left = bytes;
  while (left > 0) {
    const chunk = socket.read(Math.min(left, socket.readableLength)) ?? socket.read();
    if (chunk !== null) {
      left -= chunk.length;
      continue;
    }
    if (socket.readableEnded) throw Object.assign(new Error('end'), { code: 'END' });
    await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')]);
    if (socket.errored) throw socket.errored;
    if (socket.destroyed) throw Object.assign(new Error('closed'), { code: 'CLOSED' });
  }
}

async function echo(socket, bytes) {
  socket.write(Buffer.alloc(bytes, 'q'));
  await receive(socket, bytes);
}

const STEPS = {
  echo,
  send: (socket, bytes) => socket.write(Buffer.alloc(bytes, 'q')),
  receive,
  idle: (_, seconds) => sleep(seconds * 1000),
  abort: (socket) => socket.resetAndDestroy(),
};

/** A connection must not wait for ever for what never comes: so long beyond its plan. */
const PATIENCE_S = 60;

const planned = (plan) => plan.reduce((sum, [step, n]) => sum + (step === 'idle' ? n : 0), 0);

async function follow(socket, plan, silences) {
  for (const [step, amount] of plan) {
    const before = now();
    await STEPS[step](socket, amount);
    if (step === 'idle') silences.push(now() - before);
  }
}

async function live({ name, startSeconds, mode, seconds, plan, keepAliveSeconds }) {
  await sleep(startSeconds * 1000);
  const socket = connect({ host, port, noDelay: true });
  const failed = once(socket, 'error').then(([error]) => {
    throw error;
  });
  failed.catch(() => undefined);
  const silences = [];
  let end = 'closed';
  let localPort = 0;
  try {
    await Promise.race([once(socket, 'connect'), failed]);
    localPort = socket.localPort;
    if (keepAliveSeconds !== undefined) socket.setKeepAlive(true, keepAliveSeconds * 1000);
    socket.write(`${JSON.stringify({ mode, seconds })}\n`);
    await receive(socket, 3);
    const late = sleep((planned(plan) + PATIENCE_S) * 1000, undefined, { ref: false }).then(() => {
      throw Object.assign(new Error('late'), { code: 'LATE' });
    });
    await Promise.race([follow(socket, plan, silences), failed, late]);
    socket.end();
  } catch (error) {
    end = error.code ?? String(error);
    socket.destroy();
  }
  console.log(JSON.stringify({ name, localPort, end, silences }));
}

await Promise.all(flows.map(live));
process.exit(0);
