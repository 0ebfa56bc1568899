/**
 * The lab's server: `server.js ADDRESS PORT`. The first line of a connection says how it is to be treated, as JSON
 * {mode, seconds}; the answer is "ok". Prints "up" when it listens; ends with its stdin.
 */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [address, port] = process.argv.slice(2);

const echo = (socket) => socket.on('data', (bytes) => socket.write(bytes));

/** Calls back when nothing has come for that long, once. */
function whenIdle(socket, seconds, act) {
  let timer = setTimeout(() => act(), seconds * 1000);
  socket.on('data', () => {
    clearTimeout(timer);
    timer = setTimeout(() => act(), seconds * 1000);
  });
  socket.on('close', () => clearTimeout(timer));
}

const MODES = {
  echo,
  /** Speaks first, after each of these silences. */
  push: async (socket, seconds) => {
    socket.resume();
    for (const each of seconds) {
      await sleep(each * 1000);
      socket.write(Buffer.alloc(200, 'x'));
    }
  },
  'idle-fin': (socket, seconds) => {
    echo(socket);
    whenIdle(socket, seconds, () => socket.end());
  },
  'idle-rst': (socket, seconds) => {
    echo(socket);
    whenIdle(socket, seconds, () => socket.resetAndDestroy());
  },
  /** Closes with bytes it never read: the kernel answers with a reset. */
  unread: (socket, seconds) => {
    socket.pause();
    setTimeout(() => socket.destroy(), seconds * 1000);
  },
};

createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.once('data', (line) => {
    const { mode, seconds } = JSON.parse(line.toString());
    socket.write('ok\n');
    MODES[mode](socket, seconds);
  });
}).listen({ host: address, port: Number(port), backlog: 511 }, () => console.log('up'));

process.stdin.on('end', () => process.exit(0)).resume();
