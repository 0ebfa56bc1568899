/** The settings of `deadair watch`: what was asked for, checked before anything is opened. */
import { AppError } from './base/errors.ts';
import { type Environment, Settings } from './config.ts';

type Flags = Readonly<Record<string, unknown>>;

export interface WatchSettings {
  readonly format: 'text' | 'json' | 'ndjson';
  readonly list: boolean;
  readonly interfaces: readonly string[];
  readonly filter: string | null;
  readonly workers: number;
  readonly shortestNs: bigint;
  readonly maxFlows: number;
  readonly maxFindings: number;
  readonly bufferBytes: number;
  /** Null: until it is told to end. */
  readonly forNs: bigint | null;
  readonly untilFindings: number | null;
  readonly report: string | null;
  readonly reportEveryNs: bigint;
  readonly carve: string | null;
  readonly carveRingBytes: number;
  /** URL of a Redis whose queue `findings` gets what is found; spool first. */
  readonly to: string | null;
  readonly spool: string | null;
  readonly spoolBytes: number | null;
  /** The kernel's connection table as a witness. */
  readonly conntrack: boolean;
  /** Whom to become once what needs more is open; null: whoever called. */
  readonly user: string | null;
  readonly whatIfNs: readonly bigint[];
  readonly quiet: boolean;
  readonly colour: boolean;
}

const MANY = { least: 64, most: 2 ** 24 };
const MIB = 2 ** 20;
const BUFFER = { least: 2 ** 18, most: 2 ** 31 - 2 ** 20 };
const RING = { least: 2 ** 16, most: 2 ** 31 };
const MAX_FINDINGS = 10_000;

function formatOf(flags: Flags): WatchSettings['format'] {
  if (flags['json'] === true && flags['ndjson'] === true) {
    const hint = 'choose one form for stdout';
    throw new AppError('E_USAGE', '--json and --ndjson exclude each other', hint);
  }
  if (flags['json'] === true) return 'json';
  return flags['ndjson'] === true ? 'ndjson' : 'text';
}

function refuseParted({ workers, interfaces }: WatchSettings): void {
  if (workers < 2 || !interfaces.includes('any')) return;
  throw new AppError(
    'E_USAGE',
    '--workers goes with interfaces by name, not with "any"',
    'one packet passes several interfaces there: name them with -i, or leave --workers out',
  );
}

function refuseNothing({ interfaces, list }: WatchSettings): void {
  if (list) return;
  if (interfaces.length === 0) {
    const hint = 'give -i IF, several times for several; `deadair watch --list` shows them';
    throw new AppError('E_USAGE', 'no interface to watch', hint);
  }
  const twice = new Set(interfaces).size < interfaces.length;
  if (!twice && (interfaces.length === 1 || !interfaces.includes('any'))) return;
  throw new AppError(
    'E_USAGE',
    twice ? 'an interface is named twice' : '"any" is every interface already',
    'name each interface once, or "any" alone',
  );
}

export function watchSettings(flags: Flags, env: Environment): WatchSettings {
  const from = new Settings(flags, env);
  const settings: WatchSettings = {
    format: formatOf(flags),
    list: flags['list'] === true,
    interfaces: from.texts('interface'),
    filter: from.text('filter'),
    workers: from.integer('workers', { least: 1, most: 16 }) ?? 1,
    shortestNs: from.duration('shortest', 20_000_000_000n),
    maxFlows: from.integer('max-flows', MANY) ?? 2 ** 21,
    maxFindings: from.integer('max-findings', { least: 0, most: 2 ** 31 }) ?? MAX_FINDINGS,
    bufferBytes: from.sizeOrNull('buffer', BUFFER) ?? 64 * MIB,
    forNs: from.durationOrNull('for'),
    untilFindings: from.integer('until-findings', { least: 1, most: 2 ** 31 }),
    report: from.text('report'),
    reportEveryNs: from.duration('report-every', 60_000_000_000n),
    carve: from.text('carve'),
    carveRingBytes: from.sizeOrNull('carve-ring', RING) ?? 64 * MIB,
    to: from.text('to'),
    spool: from.text('spool'),
    spoolBytes: from.sizeOrNull('spool-size', { least: MIB, most: 2 ** 40 }),
    conntrack: from.on('conntrack'),
    user: from.text('user'),
    whatIfNs: [...new Set(from.durations('what-if'))].sort((a, b) => (a < b ? -1 : 1)),
    quiet: from.on('quiet'),
    colour: flags['color'] !== false && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  };
  refuseNothing(settings);
  refuseParted(settings);
  return settings;
}
