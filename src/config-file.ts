/**
 * `--config FILE`: flags out of a JSON file, for whatever neither the command line nor the environment says.
 *
 * Its keys are the names of the flags, so there is nothing further to learn; an object under the name of a
 * command is for that command alone. A key that no command knows is refused: a misspelt setting that is
 * silently ignored is worse than none.
 */
import { readFileSync } from 'node:fs';
import type { Command, Option } from 'commander';
import { AppError } from './base/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Json = Readonly<Record<string, unknown>>;

const refused = (path: string, what: string, cause?: unknown): AppError =>
  new AppError(
    'E_CONFIG',
    `${path}: ${what}`,
    'it is one JSON object, see `deadair schema config`',
    cause,
  );

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** "--no-color" is the setting "color". */
export const settingOf = ({ long }: Option): string =>
  (long ?? '').replace(/^--/, '').replace(/^no-/, '');

/** Flags that are about the call itself and have no place in a file. */
const NOT_SETTINGS = new Set(['config', 'help', 'version']);

export const settingsOf = (command: Command): readonly Option[] =>
  command.options.filter((option) => !NOT_SETTINGS.has(settingOf(option)));

export type Kind = 'switch' | 'text' | 'texts';

/** A flag without a value, with one, or with several (those have a function that gathers them). */
export function kindOf(option: Option): Kind {
  if (option.isBoolean() || option.negate) return 'switch';
  return option.parseArg === undefined && !option.variadic ? 'text' : 'texts';
}

const text = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

/** Undefined: it does not fit. */
function valueFor(
  option: Option,
  value: unknown,
): boolean | string | readonly string[] | undefined {
  const kind = kindOf(option);
  if (kind === 'switch') return typeof value === 'boolean' ? value : undefined;
  if (kind === 'text') return text(value) ?? undefined;
  const all = (Array.isArray(value) ? value : [value]).map(text);
  return all.every((each) => each !== null) ? all : undefined;
}

const WANTS: Readonly<Record<Kind, string>> = {
  switch: 'true or false',
  text: 'a text or a number',
  texts: 'a list of texts',
};

function contentOf(path: string): Json {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(content)) return content;
  } catch (cause) {
    throw refused(path, cause instanceof Error ? cause.message : 'cannot be read', cause);
  }
  throw refused(path, 'is no JSON object');
}

function refuseUnknown(path: string, settings: Json, known: ReadonlySet<string>): void {
  const strange = Object.keys(settings).find((key) => !known.has(key));
  if (strange !== undefined) throw refused(path, `there is no setting "${strange}"`);
}

/** What the file says to this command; its own section has the last word. */
function settingsFor(path: string, called: Command, commands: readonly Command[]): Json {
  const content = contentOf(path);
  const names = new Map(
    commands.map((command) => [command.name(), new Set(settingsOf(command).map(settingOf))]),
  );
  const all = new Set([
    '$schema',
    ...names.keys(),
    ...[...names.values()].flatMap((set) => [...set]),
  ]);
  refuseUnknown(path, content, all);
  for (const [name, known] of names) {
    const section = content[name];
    if (section === undefined) continue;
    if (isObject(section)) refuseUnknown(`${path} (${name})`, section, known);
    else throw refused(path, `"${name}" is a command: its value is an object of its settings`);
  }
  const own = content[called.name()];
  return isObject(own) ? { ...content, ...own } : content;
}

const inEnvironment = (env: Environment, setting: string): boolean =>
  (env[`DEADAIR_${setting.toUpperCase().replaceAll('-', '_')}`] ?? '') !== '';

/** Flag > environment > file > default. Throws E_CONFIG. `commands`: all there are, to know their settings. */
export function applyConfig(
  called: Command,
  env: Environment,
  commands: () => readonly Command[],
): void {
  const given: unknown = called.opts()['config'];
  const path = typeof given === 'string' ? given : env['DEADAIR_CONFIG'];
  if (
    path === undefined ||
    path === '' ||
    !called.options.some((each) => settingOf(each) === 'config')
  )
    return;
  const settings = settingsFor(path, called, commands());
  for (const option of settingsOf(called)) {
    const setting = settingOf(option);
    const value = settings[setting];
    const attribute = option.attributeName();
    if (value === undefined || inEnvironment(env, setting)) continue;
    if (called.getOptionValueSource(attribute) === 'cli') continue;
    const fits = valueFor(option, value);
    if (fits === undefined) throw refused(path, `"${setting}" wants ${WANTS[kindOf(option)]}`);
    called.setOptionValueWithSource(attribute, fits, 'config');
  }
}
