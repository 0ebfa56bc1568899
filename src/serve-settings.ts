/** The settings of `deadair serve` and `deadair work`, checked before anything is opened. */
import { availableParallelism, homedir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from './base/errors.ts';
import { type Environment, Settings } from './config.ts';
import { namesFrom } from './report/names-file.ts';
import { reachableWith } from './webhook/guard/addresses.ts';

export const PARTS = ['api', 'reporter', 'webhooks', 'worker'] as const;
export type Part = (typeof PARTS)[number];

export interface ServeSettings {
  readonly data: string;
  /** As it was given; null: by the environment, or a private one. */
  readonly redis: string | null;
  readonly only: readonly Part[];
  readonly watch: readonly string[];
  readonly inbox: readonly string[];
  /** Null: the default of inbox.ts. */
  readonly inboxRestMs: number | null;
  /** File with names of addresses, where one was given. */
  readonly names: string | null;
  readonly webhookAllow: readonly string[];
  /** Analyses at once. */
  readonly jobs: number;
  /** Of one analysis. */
  readonly jobMemoryBytes: number;
}

type Flags = Readonly<Record<string, unknown>>;

const GIB = 2 ** 30;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: GIB,
  t: 2 ** 40,
};

/** "512MiB", "2G", "1048576" → bytes. */
export function parseBytes(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)\s?(?:([kmgt])(?:i?b)?|b)?$/i.exec(text.trim());
  const unit = UNITS[(match?.[2] ?? '').toLowerCase()];
  return match === null || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}

export function byteSetting(settings: Settings, name: string, fallback: number): number {
  const text = settings.text(name);
  if (text === null) return fallback;
  const bytes = parseBytes(text);
  if (bytes !== null && bytes > 0) return bytes;
  throw new AppError('E_USAGE', `--${name}: "${text}" is no size`, 'write 512MiB, 2GiB or bytes');
}

/** systemd's StateDirectory=, the desktop's folder, or the home directory. */
export function defaultData(env: Environment): string {
  const state = env['STATE_DIRECTORY']?.split(':')[0];
  if (state) return state;
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'deadair');
}

function partsOf(settings: Settings): readonly Part[] {
  const asked = settings.texts('only').flatMap((text) => text.split(','));
  if (asked.length === 0) return PARTS;
  const wrong = asked.find((text) => !(PARTS as readonly string[]).includes(text));
  if (wrong === undefined) return PARTS.filter((part) => asked.includes(part));
  throw new AppError(
    'E_USAGE',
    `--only: there is no part "${wrong}"`,
    `there are ${PARTS.join(', ')}`,
  );
}

/** Chosen: a quarter of the memory for each analysis, 4 GiB at most, so that the rest of the host lives. */
const jobMemory = (): number => Math.min(4 * GIB, Math.max(GIB / 2, Math.floor(totalmem() / 4)));

export function jobSettings(settings: Settings): Pick<ServeSettings, 'jobs' | 'jobMemoryBytes'> {
  const jobs = settings.integer('jobs', { least: 1, most: 256 });
  return {
    jobs: jobs ?? availableParallelism(),
    jobMemoryBytes: byteSetting(settings, 'job-memory', jobMemory()),
  };
}

/** Absolute: other processes read it again. Throws E_NAMES at once rather than in every job. */
export function namesSetting(settings: Settings): string | null {
  const file = settings.text('names');
  if (file === null) return null;
  namesFrom(file);
  return resolve(file);
}

/** Throws E_USAGE here, before the part that sends them would die of it again and again. */
function webhookAllowSetting(settings: Settings): readonly string[] {
  const allow = settings.texts('webhook-allow');
  reachableWith(allow);
  return allow;
}

export function serveSettings(flags: Flags, env: Environment): ServeSettings {
  const settings = new Settings(flags, env);
  return {
    data: resolve(settings.text('data') ?? defaultData(env)),
    redis: settings.text('redis'),
    only: partsOf(settings),
    watch: settings.texts('watch'),
    inbox: settings.texts('inbox'),
    inboxRestMs:
      settings.text('inbox-rest') === null
        ? null
        : Number(settings.duration('inbox-rest', 0n) / 1_000_000n),
    names: namesSetting(settings),
    webhookAllow: webhookAllowSetting(settings),
    ...jobSettings(settings),
  };
}
