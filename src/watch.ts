/** `deadair watch`: interfaces in, findings as they happen, the whole report at the end. Needs no Redis. */
import { EXIT } from './base/errors.ts';
import { listDevices } from './capture/devices.ts';
import { asAppError } from './capture/problems.ts';
import { jsonText } from './report/document.ts';
import { visible, visibleJson } from './report/visible.ts';
import { pageFor } from './report/text/surface.ts';
import { findingLine, findingLines } from './report/text/watch-line.ts';
import type { FindingReport } from './report/schema.ts';
import type { Terminal } from './terminal.ts';
import { everyOutlet, type Outlet } from './watch-outlet.ts';
import { openOutlets, wantsEvidence } from './watch-outlets.ts';
import { becomeUser, listenToKernel, NO_WITNESS, type Witness } from './watch-kernel.ts';
import { type Job, printReport, rendered, writeReport } from './watch-report.ts';
import { WatchSession } from './watch-session.ts';
import { type WatchSettings, watchSettings } from './watch-settings.ts';
import { openStatus } from './watch-status.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Chosen: an outlet that cannot pass its last findings on must not keep the report waiting. */
const FAREWELL_MS = 1000;

/** Chosen: as many as a report lists. */
const MOST_REMEMBERED = 10_000;

/** To a reader, an update of what the line does not show is no news. */
function onlyNew(
  textOf: (one: FindingReport) => string,
  out: (text: string) => void,
): (one: FindingReport) => void {
  const shown = new Map<string, string>();
  return (one) => {
    const reads = textOf({ ...one, update: 0 });
    if (shown.get(one.id) === reads) return;
    shown.delete(one.id);
    shown.set(one.id, reads);
    for (const oldest of shown.keys()) {
      if (shown.size <= MOST_REMEMBERED) break;
      shown.delete(oldest);
    }
    out(textOf(one));
  };
}

function stdoutOutlet({ settings, terminal }: Job, clear: () => void): Outlet {
  const { columns } = terminal;
  const page = columns === null ? null : pageFor({ columns, colour: settings.colour });
  const told = (one: FindingReport) => (page === null ? findingLine(one) : findingLines(one, page));
  const tell = onlyNew(told, (text) => void terminal.out(text));
  return {
    findings(list) {
      clear();
      for (const one of list) {
        if (settings.format === 'ndjson')
          void terminal.out(`${visibleJson(JSON.stringify(one))}\n`);
        else if (settings.format === 'text') tell(one);
      }
    },
    paths: () => {},
    heartbeat: () => {},
    close: () => Promise.resolve(),
  };
}

async function showDevices({ terminal, settings }: Job): Promise<number> {
  const devices = listDevices();
  if (settings.format === 'json') await terminal.out(jsonText(devices));
  for (const { name, up, running, addresses, description } of devices) {
    if (settings.format === 'json') break;
    const state = up ? (running ? 'up' : 'no carrier') : 'down';
    const words = [name.padEnd(15), state.padEnd(10), ...addresses, description];
    await terminal.out(`${visible(words.join(' ').trimEnd())}\n`);
  }
  return EXIT.ok;
}

/** What ends the watch: a signal, the time, enough findings, a worker that cannot go on. */
class Ending {
  readonly reached: Promise<void>;
  #reach: () => void = () => {};
  #fail: (why: unknown) => void = () => {};

  constructor({ settings, signal }: Job) {
    this.reached = new Promise((resolve, reject) => {
      this.#reach = resolve;
      this.#fail = reject;
    });
    this.reached.catch(() => undefined);
    signal.addEventListener('abort', this.#reach);
    if (settings.forNs !== null) this.#after(Number(settings.forNs / 1_000_000n));
  }

  /** A timer of Node's holds 24 days. */
  #after(milliseconds: number): void {
    const step = Math.min(milliseconds, 2 ** 31 - 1);
    setTimeout(() => {
      if (step === milliseconds) this.#reach();
      else this.#after(milliseconds - step);
    }, step).unref();
  }

  now(): void {
    this.#reach();
  }

  because(error: unknown): void {
    this.#fail(error);
  }
}

/** What the capture itself must know. */
const capturing = ({
  interfaces,
  filter,
  shortestNs,
  maxFlows,
  bufferBytes,
  workers,
}: WatchSettings) => {
  return { interfaces, filter, shortestNs, maxFlows, bufferBytes, workers };
};

const noteOn =
  ({ quiet }: WatchSettings, terminal: Terminal) =>
  (note: string): void => {
    if (!quiet) terminal.err(`deadair: ${note}\n`);
  };

/** What needs more than capturing does, and then no more of it. Files belong to the user from here on. */
function witnessOf(settings: WatchSettings, terminal: Terminal): Witness {
  const witness = settings.conntrack ? listenToKernel(noteOn(settings, terminal)) : NO_WITNESS;
  becomeUser(settings.user);
  return witness;
}

function sessionOf(job: Job, ending: Ending, outlets: readonly Outlet[]): WatchSession {
  const { settings, terminal } = job;
  const status = openStatus(terminal, settings.quiet);
  const found = new Set<string>();
  const enough: Outlet = {
    findings(list) {
      for (const { id } of list) if (found.size < (settings.untilFindings ?? 0)) found.add(id);
      if (settings.untilFindings !== null && found.size >= settings.untilFindings) ending.now();
    },
    paths: () => {},
    heartbeat: () => {},
    close: async () => status.clear(),
  };
  const session: WatchSession = new WatchSession({
    capture: {
      ...capturing(settings),
      ringBytes: wantsEvidence(settings) ? settings.carveRingBytes : 0,
      countsOpen: terminal.errIsTerminal && !settings.quiet,
    },
    whatIfNs: settings.whatIfNs,
    witness: job.witness,
    outlet: everyOutlet([stdoutOutlet(job, status.clear), ...outlets, enough]),
    onStatus: () => {
      status.show(session.counts(), session.findings);
    },
    onFailure: (error) => ending.because(error),
    onNote: noteOn(settings, terminal),
  });
  return session;
}

/** SIGUSR1: the report so far, where it disturbs nobody. */
function onDemand(session: WatchSession, job: Job, ending: Ending): () => void {
  const { terminal, settings } = job;
  const show = async () => {
    const text = rendered(await session.soFar(), job);
    if (settings.format === 'ndjson') terminal.err(text);
    else await terminal.out(text);
  };
  const told = () => void show().catch((error: unknown) => ending.because(error));
  process.on('SIGUSR1', told);
  return () => process.off('SIGUSR1', told);
}

/** The file of --report, every so often. */
function atIntervals(session: WatchSession, job: Job, ending: Ending): () => void {
  const { report: file, reportEveryNs } = job.settings;
  if (file === null) return () => {};
  const every = Math.min(Number(reportEveryNs / 1_000_000n), 2 ** 31 - 1);
  const write = async () => writeReport(await session.soFar(), job);
  const due = () => void write().catch((error: unknown) => ending.because(error));
  const timer = setInterval(due, every);
  return () => clearInterval(timer);
}

async function untilTheEnd(session: WatchSession, job: Job, ending: Ending): Promise<void> {
  const stops = [onDemand(session, job, ending), atIntervals(session, job, ending)];
  session.capture.failed.catch((error: unknown) => ending.because(error));
  try {
    await ending.reached;
  } finally {
    for (const stop of stops) stop();
  }
}

async function watchAll(job: Job): Promise<number> {
  const { settings, terminal } = job;
  const outlets = await openOutlets(settings, terminal);
  const ending = new Ending(job);
  const session = sessionOf(job, ending, outlets);
  await session.start();
  // `serve --watch` is ready from here on.
  process.send?.('capturing');
  if (!settings.quiet) terminal.err(`deadair: watching ${settings.interfaces.join(', ')}\n`);
  const failure = await untilTheEnd(session, job, ending).then(
    () => null,
    (error: unknown) => asAppError(error),
  );
  const analysis = await session.end();
  await session.close(FAREWELL_MS);
  if (failure === null) writeReport(analysis, job);
  await printReport(analysis, job);
  if (failure !== null) throw failure;
  return EXIT.ok;
}

export async function watch(
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const settings = watchSettings(flags, terminal.env);
  if (settings.list) return showDevices({ settings, terminal, signal, witness: NO_WITNESS });
  const witness = witnessOf(settings, terminal);
  try {
    return await watchAll({ settings, terminal, signal, witness });
  } finally {
    witness.close();
  }
}
