/**
 * Listens to the connection table of the namespace it runs in, says "up", and when its stdin ends prints what it heard: the
 * settings, the ends of rows, and how often events were lost.
 */
import { ConntrackListener, conntrackSettings } from '../../../dist/src/host/conntrack-events.js';
import { machineAt } from '../../../dist/src/host/machine.js';
import { RowEnds } from '../../../dist/src/host/row-ends.js';

class Remembered extends RowEnds {
  all = [];
  add(end) {
    this.all.push(end);
    super.add(end);
  }
}

const text = (_, value) => (typeof value === 'bigint' ? String(value) : value);

const [bufferBytes] = process.argv.slice(2);
const ends = new Remembered();
let listener;
try {
  listener = new ConntrackListener(
    ends,
    bufferBytes === undefined ? undefined : Number(bufferBytes),
  );
} catch (error) {
  console.error(error.code);
  process.exit(1);
}
console.log('up');
process.stdin.on('end', () => {
  listener.close();
  const { sinceNs, overruns } = listener;
  const settings = conntrackSettings(machineAt());
  console.log(JSON.stringify({ settings, sinceNs, overruns, ends: ends.all }, text));
});
process.stdin.resume();
