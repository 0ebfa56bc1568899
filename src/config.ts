/**
 * Settings of a command: flag, else environment (`DEADAIR_…`), else default. What is wrong is said
 * with its origin.
 */
import { AppError } from './base/errors.ts';
import { parseDuration, parseSize } from './base/units.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Given {
  readonly text: string;
  /** "--workers" or "DEADAIR_WORKERS" */
  readonly origin: string;
}

const camelCase = (name: string): string =>
  name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function durationOf({ text, origin }: Given): bigint {
  const ns = parseDuration(text);
  if (ns !== null && ns > 0n) return ns;
  throw new AppError(
    'E_DURATION',
    `${origin}: "${text}" is no duration`,
    'write 20s, 1.5m, 250ms or 2h',
  );
}

export class Settings {
  readonly #flags: Readonly<Record<string, unknown>>;
  readonly #env: Environment;

  constructor(flags: Readonly<Record<string, unknown>>, env: Environment) {
    this.#flags = flags;
    this.#env = env;
  }

  #given(name: string): Given | null {
    const flag = this.#flags[camelCase(name)];
    if (typeof flag === 'string') return { text: flag, origin: `--${name}` };
    const variable = `DEADAIR_${name.toUpperCase().replaceAll('-', '_')}`;
    const value = this.#env[variable];
    return value === undefined || value === '' ? null : { text: value, origin: variable };
  }

  text(name: string): string | null {
    return this.#given(name)?.text ?? null;
  }

  duration(name: string, fallback: bigint): bigint {
    const given = this.#given(name);
    return given === null ? fallback : durationOf(given);
  }

  /** Null when nobody said anything. */
  durationOrNull(name: string): bigint | null {
    const given = this.#given(name);
    return given === null ? null : durationOf(given);
  }

  /** Bytes; null when nobody said anything. */
  sizeOrNull(name: string, { least, most }: { least: number; most: number }): number | null {
    const given = this.#given(name);
    if (given === null) return null;
    const bytes = parseSize(given.text);
    if (bytes !== null && bytes >= least && bytes <= most) return bytes;
    const what = `${given.origin}: "${given.text}" is no size from ${least} to ${most} bytes`;
    throw new AppError('E_USAGE', what, 'write 64MiB, 16MB or a number of bytes');
  }

  /** A flag that may be repeated; in the environment its values are separated by commas. */
  texts(name: string): readonly string[] {
    const flag = this.#flags[camelCase(name)];
    return Array.isArray(flag) ? flag.map(String) : (this.#given(name)?.text.split(',') ?? []);
  }

  /** A flag that may be repeated; in the environment its values are separated by commas. */
  durations(name: string): readonly bigint[] {
    const flag = this.#flags[camelCase(name)];
    if (Array.isArray(flag)) {
      return flag.map((text) => durationOf({ text: String(text), origin: `--${name}` }));
    }
    const given = this.#given(name);
    const texts = given === null ? [] : given.text.split(',');
    return texts.map((text) => durationOf({ text, origin: given?.origin ?? name }));
  }

  /** Null when nobody said anything. */
  integer(name: string, { least, most }: { least: number; most: number }): number | null {
    const given = this.#given(name);
    if (given === null) return null;
    const value = /^\d{1,15}$/.test(given.text) ? Number(given.text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const what = `${given.origin}: "${given.text}" is no whole number from ${least} to ${most}`;
    throw new AppError('E_USAGE', what, 'leave it out for the default');
  }

  /** A flag without a value; in the environment 1 and true mean yes, 0 and false no. */
  on(name: string): boolean {
    if (this.#flags[camelCase(name)] === true) return true;
    const given = this.#given(name);
    if (given === null || given.text === '0' || given.text === 'false') return false;
    if (given.text === '1' || given.text === 'true') return true;
    throw new AppError(
      'E_USAGE',
      `${given.origin}: "${given.text}" is neither 1 nor 0`,
      'write 1 or 0',
    );
  }
}
