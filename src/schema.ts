/** `deadair schema report|compare|doctor|config`: the JSON Schema that every such document keeps to. */
import type { Command } from 'commander';
import { AppError } from './base/errors.ts';
import type { Terminal } from './terminal.ts';

/** Each is loaded alone: schemas are all that needs typebox. */
const SCHEMAS: Readonly<Record<string, (commands: () => readonly Command[]) => Promise<unknown>>> =
  {
    report: async () => (await import('./report/schema.ts')).ReportSchema,
    compare: async () => (await import('./report/compare/schema.ts')).ComparisonSchema,
    doctor: async () => (await import('./host/schema.ts')).DoctorSchema,
    config: async (commands) => (await import('./config-schema.ts')).configSchema(commands()),
  };

export async function printSchema(
  what: string,
  terminal: Terminal,
  commands: () => readonly Command[],
): Promise<number> {
  const load = Object.hasOwn(SCHEMAS, what) ? SCHEMAS[what] : undefined;
  if (load === undefined) {
    throw new AppError(
      'E_USAGE',
      `there is no schema "${what}" in this version`,
      'try `deadair schema report`, `deadair schema compare`, `deadair schema doctor` or `deadair schema config`',
    );
  }
  await terminal.out(`${JSON.stringify(await load(commands), null, 2)}\n`);
  return 0;
}
