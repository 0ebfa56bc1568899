/**
 * `watch --conntrack` and `watch --user`: what needs more than capturing does, done before anything else is opened.
 *
 * The order matters: the kernel is listened to while this process may, then privileges go, and only then outlets are opened
 * and workers started, so that files belong to the user and workers keep CAP_NET_RAW (host/privileges.ts).
 */
import { AppError } from './base/errors.ts';
import {
  ConntrackListener,
  type ConntrackSettings,
  conntrackSettings,
} from './host/conntrack-events.ts';
import { machineAt } from './host/machine.ts';
import { accountOf, dropTo } from './host/privileges.ts';
import type { Finding } from './judge/finding.ts';
import type { Analysis } from './report/analysis.ts';
import { provesTimeout, withKernel } from './report/kernel/witness.ts';

/** What else is known of an analysis of live packets. */
export interface Witness {
  /** The same analysis with what the kernel says of it. */
  readonly of: (analysis: Analysis) => Analysis;
  /** Was the row of that kill seen to end by its timeout? */
  readonly proves: (finding: Finding) => boolean;
  readonly close: () => void;
}

/** Where nobody asked for the kernel. */
export const NO_WITNESS: Witness = {
  of: (analysis) => analysis,
  proves: () => false,
  close: () => undefined,
};

/** Chosen: settings are read again this often, milliseconds. */
const SETTINGS_MS = 1000;

const absent = (): AppError =>
  new AppError(
    'E_CONNTRACK_ABSENT',
    'the kernel keeps no connections in this network namespace',
    'run it where the packets are translated, or leave --conntrack out',
  );

function noteOn({ eventsOf }: ConntrackSettings, onNote: (note: string) => void): void {
  if (eventsOf === 'none')
    onNote('the kernel tells of no row: set net.netfilter.nf_conntrack_events to 1');
  if (eventsOf === 'rows made since')
    onNote(
      'connections from before tell nothing when the kernel drops them, unless ' +
        'net.netfilter.nf_conntrack_events is 1',
    );
}

/** Throws E_CONNTRACK_DENIED, E_CONNTRACK_ABSENT. `onNote`: what an operator should know, in a sentence. */
export function listenToKernel(onNote: (note: string) => void): Witness {
  const machine = machineAt();
  const read = (): ConntrackSettings => {
    const there = conntrackSettings(machine);
    if (there === null) throw absent();
    return there;
  };
  let settings = read();
  let readAtMs = Date.now();
  let lost = 0;
  const listener = new ConntrackListener();
  noteOn(settings, onNote);
  return {
    of(analysis) {
      listener.poll();
      if (Date.now() - readAtMs > SETTINGS_MS) {
        settings = conntrackSettings(machine) ?? settings;
        readAtMs = Date.now();
      }
      const { ends, overruns, sinceNs } = listener;
      if (overruns > lost) onNote('the kernel lost conntrack events: nobody fetched them in time');
      lost = overruns;
      return withKernel(analysis, { settings, ends, overruns, sinceNs });
    },
    proves: (finding) => provesTimeout(finding, { settings, ends: listener.ends }),
    close: () => listener.close(),
  };
}

/** `--user`: throws E_USER_UNKNOWN before anything is changed, E_PRIVILEGES where a step is refused. */
export function becomeUser(name: string | null): void {
  if (name !== null) dropTo(accountOf(name));
}
