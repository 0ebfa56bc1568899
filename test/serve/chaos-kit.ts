/** What a chaos run needs: seeded moments, captures of known content, a client and a receiver that mean it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { analysisOf, pictureFile } from '../kit/analyse.ts';
import { opened } from '../kit/scenes.ts';
import type { Service } from './service.ts';

/** mulberry32: small, seeded, good enough to pick moments. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One connection, cut by a box after 350 s: one finding whose id nobody else has. */
const pictureOf = (n: number): string => {
  const client = `client:${42_000 + n}`;
  return `${opened(0, client)}
    350.0501  ${client} > server  PSH ACK  20 bytes
    350.0511  server > ${client}  stateless  ttl 63`;
};

export interface Capture {
  readonly bytes: Buffer;
  readonly finding: string;
}

export async function captureOf(n: number): Promise<Capture> {
  const { findings } = await analysisOf(pictureOf(n));
  const [only] = findings;
  if (only === undefined || findings.length > 1) throw new Error('one finding a capture');
  return { bytes: pictureFile(pictureOf(n)), finding: only.id };
}

export interface Receiver {
  readonly url: string;
  /** webhook-ids by finding. */
  readonly ids: Map<string, Set<string>>;
  close(): void;
}

export async function receiver(): Promise<Receiver> {
  const ids = new Map<string, Set<string>>();
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      const { type, data } = JSON.parse(text) as { type: string; data: { id: string } };
      const id = String(request.headers['webhook-id']);
      if (type === 'finding.created') ids.set(data.id, (ids.get(data.id) ?? new Set()).add(id));
      response.statusCode = 204;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, ids, close: () => server.close() };
}

/** As a client that means it: again under the same key until it is answered. */
export async function upload(base: string, key: string, bytes: Buffer): Promise<string> {
  for (;;) {
    try {
      const answer = await fetch(`${base}/api/v1/captures`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', 'idempotency-key': key },
        body: new Uint8Array(bytes),
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.status === 202) return ((await answer.json()) as { id: string }).id;
      throw new Error(`answered ${answer.status}`);
    } catch {
      await sleep(200);
    }
  }
}

/** False: it was not there, as an analysis is only while there is work. */
export async function killPart(
  service: Service,
  part: string,
  random: () => number,
): Promise<boolean> {
  await sleep(50 + random() * 700);
  const pid = service.parts().get(part);
  if (pid === undefined) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
