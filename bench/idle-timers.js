/**
 * What it costs to ask a capture for idle timers: `node bench/idle-timers.js FILE` prints milliseconds, of the first time, as
 * `deadair read` asks once, and the median of forty more, when V8 has compiled what it runs; and how many closes were asked about.
 */
import { runCapture } from '../dist/src/dispatch/capture.js';
import { closesIn } from '../dist/src/dispatch/gathered.js';
import { idleClose } from '../dist/src/judge/idle-close.js';
import { judgeOne } from '../dist/src/judge/judge.js';
import { sortOut } from '../dist/src/judge/plain-close.js';
import { buildScene } from '../dist/src/path/scene.js';

const [path = ''] = process.argv.slice(2);
const shortestNs = 20_000_000_000n;
const captured = await runCapture({
  paths: [path],
  shortestNs,
  workers: 0,
  maxFlows: 2 ** 21,
  filter: null,
});
const scene = buildScene(captured, shortestNs);
const { records, closes } = sortOut(captured.silences, closesIn(captured.silences), () => true);
const judged = records.map((record) => judgeOne(record, scene));
const asked = Array.from({ length: 41 }, () => {
  const began = performance.now();
  idleClose(judged, closes, scene);
  return performance.now() - began;
});
const [first = 0, ...later] = asked;
const median = later.sort((a, b) => a - b)[later.length >> 1] ?? 0;
const ms = (time) => Number(time.toFixed(2));
console.log(
  JSON.stringify({ first: ms(first), later: ms(median), closes: closes.count + judged.length }),
);
