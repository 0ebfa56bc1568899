/** SIGTERM to a service that is busy, and to one whose clients do not let go: it ends within five seconds, by itself. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test, describe } from 'vitest';
import { labFile } from '../kit/lab.ts';
import { withFolder } from '../kit/temporary.ts';
import { haveRedis, until } from '../queue/redis.ts';
import { type Api, apiAt, freePort } from './client.ts';
import { partFiles, type Service, startService, storeOf } from './service.ts';

const LAB = readFileSync(labFile('dnat', 'inside.pcap'));
/** contract: graceful stop within 5 s */
const STOP_MS = 5000;

interface Scene {
  readonly api: Api;
  readonly port: number;
  readonly data: string;
  readonly service: Service;
  /** A connection that has sent these bytes and says no more; closed behind the test. */
  readonly hold: (sent: string | Buffer) => Promise<Socket>;
}

function holding(port: number, sockets: Socket[]): Scene['hold'] {
  return async (sent) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    await new Promise<void>((resolve) => socket.write(sent, () => resolve()));
    return socket;
  };
}

const on = (use: (scene: Scene) => Promise<void>): Promise<void> =>
  withFolder(async (folder) => {
    const data = join(folder, 'data');
    const port = await freePort();
    const service = await startService(data, ['--listen', `127.0.0.1:${port}`]);
    const api = apiAt(`http://127.0.0.1:${port}`);
    const sockets: Socket[] = [];
    try {
      await until('it is ready', () => api.ready(), 30_000);
      await use({ api, port, data, service, hold: holding(port, sockets) });
    } finally {
      for (const socket of sockets) socket.destroy();
      await service.killAll();
    }
  });

async function stopsInTime(service: Service): Promise<void> {
  const { milliseconds, status } = await service.stop();
  expect(milliseconds).toBeLessThan(STOP_MS);
  expect(status).toBe(0);
}

const LISTEN = 'GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n';
const upload = (bytes: number): string =>
  `POST /api/v1/captures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: ${bytes}\r\n\r\n`;

describe.skipIf(!haveRedis)('SIGTERM (needs redis-server)', () => {
  test('with listeners that do not read, half-open and half-spoken connections', () =>
    on(async ({ service, hold }) => {
      const listeners = await Promise.all(Array.from({ length: 20 }, () => hold(LISTEN)));
      await Promise.all(
        listeners.map((socket) => new Promise((resolve) => socket.once('data', resolve))),
      );
      for (const socket of listeners) socket.pause();
      // Left without a word, as a browser that is closed does.
      for (const socket of listeners.slice(0, 5)) socket.destroy();
      for (const socket of listeners.slice(5, 10)) socket.end();
      await hold('GET /api/v1/jobs HTTP/1.1\r\nHost: loc');
      await hold('');
      const kept = await hold('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await new Promise((resolve) => kept.once('data', resolve));
      await stopsInTime(service);
    }));

  test('with an upload that was refused early and one that stands still; nothing of them is left after the start', () =>
    on(async ({ service, hold, data, port }) => {
      await hold(upload(1000) + 'no capture at all, and more is to come');
      const half = await hold(upload(LAB.length));
      half.write(LAB.subarray(0, 20_000));
      await until('a part of it is on the disk', () => partFiles(data).length === 1);
      await stopsInTime(service);
      const again = await startService(data, ['--listen', `127.0.0.1:${port}`]);
      try {
        expect(partFiles(data)).toEqual([]);
      } finally {
        await again.killAll();
      }
    }));

  test('with an analysis that runs: it costs the job no attempt, and the next start ends it', () =>
    on(async ({ api, service, data, port }) => {
      const copies = Array.from({ length: 400 }, () => LAB.subarray(24));
      const slow = Buffer.concat([LAB.subarray(0, 24), ...copies]);
      const { id } = await api.upload(slow, '?shortest=1s');
      await until('it is analysed', () => service.parts().has('analysis'));
      await stopsInTime(service);
      const db = storeOf(data);
      const states = db.all<{ state: string }>('SELECT state FROM jobs');
      db.close();
      expect(states).toEqual([{ state: 'running' }]);
      const again = await startService(data, ['--listen', `127.0.0.1:${port}`]);
      try {
        await until('it is ready', () => api.ready(), 30_000);
        expect(await api.over(id)).toMatchObject({ state: 'completed', problem: null });
      } finally {
        await again.killAll();
      }
    }));
});
