/**
 * `deadair check`: one number against two ranges, as a plugin of Nagios, Icinga and their kin.
 *
 * One line on stdout, and an exit status that is 0, 1, 2 or 3 whatever happens: what cannot be
 * answered, a mistake in the call and a bug are all UNKNOWN (Monitoring Plugins Development
 * Guidelines, "Plugin Return Codes").
 */
import { AppError } from './base/errors.ts';
import { seconds } from './base/units.ts';
import { asAppError } from './capture/problems.ts';
import {
  type Measure,
  hostDrops,
  kills,
  reportDrops,
  timeout,
  unprotected,
} from './check-metric.ts';
import { alerts, type Range, rangeOf } from './check-range.ts';
import { Settings } from './config.ts';
import { ASSUMED, type IdleTimeout } from './host/idle-timeout.ts';
import { type Machine, machineAt } from './host/machine.ts';
import { idleFromFlag, idleFromReport, refuseBoth } from './idle-timeouts.ts';
import { visible } from './report/visible.ts';
import { type SavedReport, savedReport } from './saved-report.ts';
import type { Terminal } from './terminal.ts';

const STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
type State = (typeof STATES)[number];

const METRICS = ['kills', 'timeout', 'drops', 'keepalive', 'agents'] as const;

type Flags = Readonly<Record<string, unknown>>;

/** The guidelines' default of -t. */
const LIMIT_SECONDS = 10;
/** Chosen: an hour; older news must not look like good news. */
const MAX_AGE_NS = 3_600_000_000_000n;

interface Asked {
  readonly metric: (typeof METRICS)[number];
  readonly warning: Range | null;
  readonly critical: Range | null;
  readonly report: string | null;
  /** A running service answers. */
  readonly server: boolean;
  readonly idleSeconds: number | null;
  readonly maxAgeSeconds: number;
  readonly limitSeconds: number;
  readonly procRoot: string;
}

const usage = (what: string, hint: string): AppError => new AppError('E_USAGE', what, hint);

function limitOf(flags: Flags): number {
  const given = flags['timeout'];
  if (typeof given !== 'string') return LIMIT_SECONDS;
  const value = /^\d+(?:\.\d+)?$/.test(given) ? Number(given) : 0;
  if (value > 0 && value <= 86_400) return value;
  throw usage(`-t: "${given}" is no number of seconds`, 'write -t 10');
}

function metricOf(settings: Settings): Asked['metric'] {
  const given = settings.text('metric');
  const metric = METRICS.find((each) => each === given);
  if (metric !== undefined) return metric;
  const what = given === null ? '--metric is missing' : `there is no metric "${given}"`;
  throw usage(what, `it is one of ${METRICS.join(', ')}`);
}

function asked(flags: Flags, settings: Settings): Asked {
  const range = (name: string): Range | null => {
    const text = settings.text(name);
    return text === null ? null : rangeOf(`--${name}`, text);
  };
  const idle = settings.text('idle-timeout');
  const report = settings.text('report');
  // The flag alone: DEADAIR_SERVER is for commands that always speak to one.
  const server = typeof flags['server'] === 'string';
  refuseBoth('idle-timeout', idle !== null, report !== null);
  if (server && report !== null)
    throw usage('--server and --report exclude each other', 'give one');
  return {
    metric: metricOf(settings),
    warning: range('warning'),
    critical: range('critical'),
    report,
    server,
    idleSeconds: idle === null ? null : seconds(settings.duration('idle-timeout', 0n)),
    maxAgeSeconds: seconds(settings.duration('max-age', MAX_AGE_NS)),
    limitSeconds: limitOf(flags),
    procRoot: settings.text('proc-root') ?? '',
  };
}

const minutes = (value: number): string => `${Math.round(value / 60)} min`;

function freshReport(path: string, maxAgeSeconds: number): SavedReport {
  const report = savedReport(path);
  const age = (Date.now() - report.writtenAtMs) / 1000;
  if (age <= maxAgeSeconds) return report;
  throw new AppError(
    'E_INPUT_STALE',
    `${path} was written ${minutes(age)} ago, --max-age is ${minutes(maxAgeSeconds)}`,
    'write it again, or give a longer --max-age',
  );
}

/** Looking is synchronous, so that no timer fires meanwhile: the clock is asked at every look. */
function watched(machine: Machine, refuse: () => void): Machine {
  const first =
    <A extends readonly unknown[], R>(look: (...args: A) => R) =>
    (...args: A): R => {
      refuse();
      return look(...args);
    };
  return {
    text: first(machine.text),
    head: first(machine.head),
    link: first(machine.link),
    names: first(machine.names),
    run: first(machine.run),
    rings: first(machine.rings),
    keepalive: first(machine.keepalive),
  };
}

function idleOf({ idleSeconds }: Asked, report: SavedReport | null): IdleTimeout {
  if (report !== null) return idleFromReport(report);
  return idleSeconds === null ? ASSUMED : idleFromFlag(idleSeconds);
}

function neededReport(report: SavedReport | null, metric: string): SavedReport {
  if (report !== null) return report;
  throw usage(`--metric ${metric} needs --report FILE`, 'write one with `deadair read --json`');
}

const MEASURES: Readonly<
  Record<
    Asked['metric'],
    (report: SavedReport | null, machine: Machine, want: Asked) => Measure | Promise<Measure>
  >
> = {
  kills: (report) => kills(neededReport(report, 'kills')),
  timeout: (report) => timeout(neededReport(report, 'timeout')),
  drops: (report, machine) => (report === null ? hostDrops(machine) : reportDrops(report)),
  keepalive: (report, machine, want) => unprotected(machine, idleOf(want, report)),
  agents: () => {
    throw usage('--metric agents needs --server URL', 'it is the service that hears of agents');
  },
};

/** Loaded for it alone: a check of a report speaks to nobody. */
async function measuredThere(
  want: Asked,
  settings: Settings,
  signal: AbortSignal,
): Promise<Measure> {
  const [{ serviceClient }, { serverMeasure }] = await Promise.all([
    import('./service-client.ts'),
    import('./check-server.ts'),
  ]);
  return serverMeasure(want.metric, serviceClient(settings), signal);
}

async function measured(want: Asked, machine: Machine): Promise<Measure> {
  const report = want.report === null ? null : freshReport(want.report, want.maxAgeSeconds);
  return MEASURES[want.metric](report, machine, want);
}

function stateOf({ value }: Measure, { warning, critical }: Asked): State {
  if (value === null) return 'OK';
  if (critical !== null && alerts(critical, value)) return 'CRITICAL';
  return warning !== null && alerts(warning, value) ? 'WARNING' : 'OK';
}

/** 'label'=value[UOM];warn;crit;min */
function performanceData({ label, value, unit }: Measure, { warning, critical }: Asked): string {
  const shown = value === null ? 'U' : `${value}${unit}`;
  return `${label}=${shown};${warning?.text ?? ''};${critical?.text ?? ''};0`;
}

/** A "|" or a line end in a name would begin performance data. */
const oneLine = (text: string): string => visible(text).replaceAll('|', '\\x7c');

async function say(terminal: Terminal, state: State, text: string, data = ''): Promise<number> {
  await terminal.out(`DEADAIR ${state} - ${oneLine(text)}${data === '' ? '' : ` | ${data}`}\n`);
  return STATES.indexOf(state);
}

/** Null: only help was asked for, which the guidelines count as UNKNOWN as well. */
export async function unknown(thrown: unknown, terminal: Terminal): Promise<number> {
  if (thrown === null) return STATES.indexOf('UNKNOWN');
  const { message, code, hint } = asAppError(thrown);
  return say(terminal, 'UNKNOWN', `${message} (${code}); ${hint}`);
}

const tooLate = (limit: number): AppError =>
  new AppError('E_CHECK_TIMEOUT', `no answer within ${limit} s`, 'give a longer -t');

async function answer(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const settings = new Settings(flags, terminal.env);
  const want = asked(flags, settings);
  const limitMs = want.limitSeconds * 1000;
  const from = performance.now();
  const stop = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(limitMs))]);
  const late = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(tooLate(want.limitSeconds)));
  });
  const machine = watched(machineAt(want.procRoot, stop), () => {
    if (performance.now() - from > limitMs) throw tooLate(want.limitSeconds);
  });
  const measuring = want.server ? measuredThere(want, settings, stop) : measured(want, machine);
  const measure = await Promise.race([measuring, late]);
  return say(terminal, stateOf(measure, want), measure.says, performanceData(measure, want));
}

export async function check(
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await answer(flags, terminal, signal);
  } catch (thrown) {
    return unknown(thrown, terminal);
  }
}
