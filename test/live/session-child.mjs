/**
 * A watch session without the command around it, for what the command has no words for: a step of the clock, a thread
 * that dies. Orders come on stdin, one a line; `end` prints the report.
 */
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '..', '..', 'dist', 'src');
const { WatchSession } = await import(join(dist, 'watch-session.js'));
const { report } = await import(join(dist, 'report', 'document.js'));

const nothing = { findings() {}, paths() {}, heartbeat() {}, close: () => Promise.resolve() };
const session = new WatchSession({
  capture: {
    interfaces: ['w0'],
    filter: null,
    shortestNs: 500_000_000n,
    maxFlows: 65536,
    bufferBytes: 1 << 22,
    ringBytes: 0,
    workers: Number(process.argv[2] ?? 1),
  },
  whatIfNs: [],
  outlet: nothing,
  onStatus: () => {},
  onNote: (note) => process.stdout.write(`note: ${note}\n`),
  onFailure: (error) => process.stdout.write(`failure: ${error.stack}\n`),
});
await session.start();
process.stdout.write('up\n');

const ORDERS = {
  step: (ns) => session.capture.stepClock(BigInt(ns)),
  die: () => session.capture.threads[0].terminate(),
  end: async () => {
    const analysis = await session.end();
    process.stdout.write(`report: ${JSON.stringify(report(analysis, 100))}\n`);
    process.exit();
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const [order, word] = line.split(' ');
  await ORDERS[order](word);
}
