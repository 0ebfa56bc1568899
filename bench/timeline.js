/**
 * Where `deadair read` is with a capture before it judges: `node bench/timeline.js FILE [HELPERS]` prints milliseconds, with as
 * many threads beside its own (0): reading until nothing is left; closing what is open and handing it over; merging it.
 */
import { addon } from '../dist/src/capture/addon.js';
import { mergeShards } from '../dist/src/dispatch/merge.js';

const [path = '', helpers = '0'] = process.argv.slice(2);
const began = performance.now();
const analysis = addon().openAnalysis({
  paths: [path],
  shard: 0,
  shards: 1,
  helpers: Number(helpers),
  shortestNs: 20_000_000_000n,
  maxFlows: 2 ** 21,
  filter: null,
});
while (analysis.run(50) === 'more') continue;
const read = performance.now();
const finished = analysis.finish();
const [silences, births] = [analysis.takeSilences(), analysis.takeBirths()];
const closed = performance.now();
mergeShards([{ finished, silences, births }]);
const merged = performance.now();
analysis.close();
const ms = (from, until) => Number((until - from).toFixed(1));
console.log(
  JSON.stringify({ read: ms(began, read), closed: ms(read, closed), merged: ms(closed, merged) }),
);
