/** `deadair schema report|compare|doctor`: the JSON Schema that every such document keeps to. */
import { AppError } from './base/errors.ts';
import type { Terminal } from './terminal.ts';

/** Each is loaded alone: schemas are all that needs typebox. */
const SCHEMAS: Readonly<Record<string, () => Promise<unknown>>> = {
  report: async () => (await import('./report/schema.ts')).ReportSchema,
  compare: async () => (await import('./report/compare/schema.ts')).ComparisonSchema,
  doctor: async () => (await import('./host/schema.ts')).DoctorSchema,
};

export async function printSchema(what: string, terminal: Terminal): Promise<number> {
  const load = Object.hasOwn(SCHEMAS, what) ? SCHEMAS[what] : undefined;
  if (load === undefined) {
    throw new AppError(
      'E_USAGE',
      `there is no schema "${what}" in this version`,
      'try `deadair schema report`, `deadair schema compare` or `deadair schema doctor`',
    );
  }
  await terminal.out(`${JSON.stringify(await load(), null, 2)}\n`);
  return 0;
}
