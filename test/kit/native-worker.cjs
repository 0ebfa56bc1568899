// @ts-check
/**
 * A worker thread that analyses one capture over and over until it is terminated, at whatever point it then is:
 * before the addon is loaded, inside a native call, with an analysis open, or between two.
 * workerData: { addon, path }. Started from its text, as CommonJS: a thread stopped while Node loads a module's file
 * leaves that file open, and this is not about Node.
 */
const { workerData } = require('node:worker_threads');

const addon = require(workerData.addon);
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
  while (analysis.run(5) === 'more') continue;
  analysis.finish();
  analysis.takeSilences();
  return analysis;
}

// The first is left open: what nobody closes, the end of the thread frees.
analyseOnce();
for (;;) analyseOnce().close();
