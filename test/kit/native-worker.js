// @ts-check
/**
 * A worker thread that analyses one capture over and over until it is terminated, at whatever point it then is:
 * before the addon is loaded, inside a native call, with an analysis open, or between two.
 * workerData: { addon, path }.
 */
import { createRequire } from 'node:module';
import { workerData } from 'node:worker_threads';

const addon = createRequire(import.meta.url)(workerData.addon);
const options = {
  paths: [workerData.path],
  shard: 0,
  shards: 1,
  shortestNs: 1_000_000_000n,
  maxFlows: 100_000,
  filter: 'tcp',
};

function analyseOnce() {
  const analysis = addon.openAnalysis(options);
  while (analysis.run(5) === 'more') {
    analysis.takeSilences();
  }
  analysis.finish();
  // Not closed on purpose every other time: an abandoned analysis is the collector's, or the environment's at its end.
  if (Math.random() < 0.5) analysis.close();
}

for (;;) analyseOnce();
