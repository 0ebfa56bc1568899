/** A capture analysed shard by shard in this thread, and all that it gave in a form that can be compared. */
import { createHash } from 'node:crypto';
import type { AnalysisOptions } from '../../src/capture/addon.ts';
import { driveShard, type ShardYield } from '../../src/dispatch/drive.ts';
import { type Captured, mergeShards } from '../../src/dispatch/merge.ts';

export const SECOND = 1_000_000_000n;

export const optionsOf = (path: string, more: Partial<AnalysisOptions> = {}): AnalysisOptions => ({
  paths: [path],
  shard: 0,
  shards: 1,
  shortestNs: SECOND,
  maxFlows: 100_000,
  filter: null,
  ...more,
});

/** What threads would do, one shard after the other. */
export function inTurn(path: string, more: Partial<AnalysisOptions> = {}): Captured {
  const options = optionsOf(path, more);
  const yields = Array.from({ length: options.shards }, (_, shard): ShardYield => {
    const slices = driveShard({ ...options, shard });
    let step = slices.next();
    while (step.done !== true) step = slices.next();
    return step.value;
  });
  return mergeShards(yields as [ShardYield, ...ShardYield[]]);
}

const digest = (bytes: Uint8Array): string =>
  `${bytes.byteLength} bytes, ${createHash('sha256').update(bytes).digest('hex')}`;

/** Everything but the memory used, which is each tracker's own; packed bytes by their digest. */
export function essence({ counters, ...captured }: Captured) {
  const { tableBytes: _, ...counted } = counters;
  const facts = Object.entries(captured).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? digest(value) : value,
  ]);
  return { ...Object.fromEntries(facts), counters: counted };
}
