/**
 * A gateway's days in minutes: 100 000 packets a second of 50 000 connections, ten minutes or as long as
 * DEADAIR_SOAK_SECONDS says. Nothing is lost uncounted, and after the first seconds memory does not grow.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pictureFile } from './kit/analyse.ts';
import { opened } from './kit/scenes.ts';
import { output } from './lab/namespaces.ts';
import { replay, whyNoCable, withCable } from './live/cable.ts';
import { Watching } from './live/watching.ts';

const SECONDS = Number(process.env['DEADAIR_SOAK_SECONDS'] ?? 600);
const RATE = 100_000;
const CONNECTIONS = 50_000;
/** By then every connection was met and the status was told a few times. */
const WARM_SECONDS = 20;

const asked = process.env['DEADAIR_LONG'] === '1';
const why =
  whyNoCable() ?? (asked ? null : 'ten minutes of load: npm run test:long, DEADAIR_SOAK_SECONDS');

async function residentKiB({ child }: Watching): Promise<number> {
  const status = await output('cat', [`/proc/${child.pid}/status`]);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

/** The client of a connection drawn once becomes number `i`: its address in 10/8, its port; checksums stay behind. */
function as(i: number, drawn: Buffer): Buffer {
  const one = Buffer.from(drawn);
  for (let at = 0; at < one.length; at += 16 + one.readUInt32LE(at + 8)) {
    const ip = at + 16 + 14;
    const tcp = ip + (one.readUInt8(ip) & 15) * 4;
    const sends = one.readUInt8(ip + 12) === 10;
    one.writeUInt32BE(0x0a000000 + 2 + (i % 5000), ip + (sends ? 12 : 16));
    one.writeUInt16BE(20_000 + Math.floor(i / 5000), tcp + (sends ? 0 : 2));
  }
  return one;
}

/** Every connection opens and exchanges a few packets, and again in every loop. */
function load(folder: string): { readonly file: string; readonly frames: number } {
  const drawn = pictureFile(opened());
  const [head, body] = [drawn.subarray(0, 24), drawn.subarray(24)];
  const file = join(folder, 'soak.pcap');
  const clones = Array.from({ length: CONNECTIONS }, (_, i) => as(i, body));
  writeFileSync(file, Buffer.concat([head, ...clones]));
  let frames = 0;
  for (let at = 0; at < body.length; at += 16 + body.readUInt32LE(at + 8)) frames++;
  return { file, frames: frames * CONNECTIONS };
}

describe.skipIf(why !== null)(why ?? 'watch under load for long', () => {
  test(
    `for ${SECONDS} s at ${RATE} packets/s every packet is accounted for and memory is flat`,
    async () => {
      await withCable(async (cable) => {
        const { file, frames } = load(cable.folder);
        const watching = await Watching.on(cable.watched, ['-i', 'w0', '--json']);
        const loops = Math.max(1, Math.round((SECONDS * RATE) / frames));
        const words = ['-i', 's0', '--pps', String(RATE), '--loop', String(loops)];
        const begun = performance.now();
        const sending = replay(cable.far, [...words, '--preload-pcap', file]);
        await sleep(WARM_SECONDS * 1000);
        const early = await residentKiB(watching);
        const sent = await sending;
        const late = await residentKiB(watching);
        const seconds = (performance.now() - begun) / 1000;
        await sleep(300);
        const report = await watching.report();
        const [source] = report.sources;
        const lost = source?.droppedPackets ?? 0;
        console.log(
          `soak: ${sent} packets in ${seconds.toFixed(0)} s, ${lost} dropped, ` +
            `${early} KiB at ${WARM_SECONDS} s, ${late} KiB at the end`,
        );
        expect((source?.packets ?? 0) + lost).toBe(sent);
        expect(report.flows.seen).toBeGreaterThanOrEqual(CONNECTIONS);
        expect(report.findings).toEqual([]);
        expect(late / early).toBeLessThan(1.05);
      });
    },
    (SECONDS + 300) * 1000,
  );
});
