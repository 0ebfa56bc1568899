/** The settings of `deadair read`: what was asked for, checked before anything is opened. */
import { AppError } from './base/errors.ts';
import { type Environment, Settings } from './config.ts';

const FORMATS = ['json', 'ndjson', 'csv'] as const;

type Format = (typeof FORMATS)[number] | 'text' | 'html';

type Flags = Readonly<Record<string, unknown>>;

export interface ReadSettings {
  readonly format: Format;
  readonly shortestNs: bigint;
  readonly filter: string | null;
  readonly workers: number | 'auto';
  readonly maxFlows: number | null;
  /** Every file is a vantage of its own. */
  readonly together: boolean;
  readonly maxFindings: number;
  /** Keepalive times of which to say what they would have saved, shortest first. */
  readonly whatIfNs: readonly bigint[];
  /** Application logs to match with the findings, and the zone of lines that name none. */
  readonly logs: readonly string[];
  readonly logTimezone: string | null;
  /** File with names of addresses. */
  readonly names: string | null;
  /** File of the HTML report; "-" is stdout. */
  readonly html: string | null;
  readonly carve: string | null;
  readonly headersOnly: boolean;
  /** Path of the key, '' for a fresh one, null for true addresses. */
  readonly anonymize: string | null;
  readonly failOnFindings: boolean;
  readonly quiet: boolean;
  readonly colour: boolean;
}

const MAX_FINDINGS = 10_000;
/** 0 works in the thread of the command; there are 64 partitions to share. */
const WORKERS = { least: 0, most: 64 };
const MANY = { least: 64, most: 2 ** 31 };

function refuseHalfAsked(settings: ReadSettings): ReadSettings {
  if (settings.names !== null && settings.anonymize !== null) {
    const hint = 'names would give away what the replaced addresses hide';
    throw new AppError('E_USAGE', '--names and --anonymize exclude each other', hint);
  }
  if (!settings.headersOnly || settings.carve !== null) return settings;
  throw new AppError('E_USAGE', '--headers-only goes with --carve', 'give --carve DIR as well');
}

function formatOf(flags: Flags): Format {
  const asked: Format[] = FORMATS.filter((format) => flags[format] === true);
  if (flags['html'] === '-') asked.push('html');
  if (asked.length < 2) return asked[0] ?? 'text';
  const list = asked.map((format) => `--${format}`).join(' and ');
  throw new AppError('E_USAGE', `${list} exclude each other`, 'choose one form for stdout');
}

export function readSettings(flags: Flags, env: Environment): ReadSettings {
  const settings = new Settings(flags, env);
  return refuseHalfAsked({
    format: formatOf(flags),
    shortestNs: settings.duration('shortest', 20_000_000_000n),
    filter: settings.text('filter'),
    workers:
      settings.text('workers') === 'auto'
        ? 'auto'
        : (settings.integer('workers', WORKERS) ?? 'auto'),
    maxFlows: settings.integer('max-flows', MANY),
    together: settings.on('together'),
    maxFindings: settings.integer('max-findings', { ...MANY, least: 0 }) ?? MAX_FINDINGS,
    whatIfNs: [...new Set(settings.durations('what-if'))].sort((a, b) => (a < b ? -1 : 1)),
    logs: settings.texts('log'),
    logTimezone: settings.text('log-timezone'),
    names: settings.text('names'),
    html: settings.text('html'),
    carve: settings.text('carve'),
    headersOnly: settings.on('headers-only'),
    anonymize:
      typeof flags['anonymize'] === 'string' ? flags['anonymize'] : settings.text('anonymize'),
    failOnFindings: settings.on('fail-on-findings'),
    quiet: settings.on('quiet'),
    colour: flags['color'] !== false && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  });
}
