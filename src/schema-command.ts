/** `deadair schema report`: the JSON Schema that every `--json` report keeps to. */
import { AppError } from './base/errors.ts';
import type { Terminal } from './terminal.ts';

export async function schemaCommand(what: string, terminal: Terminal): Promise<number> {
  if (what !== 'report') {
    throw new AppError(
      'E_USAGE',
      `there is no schema "${what}" in this version`,
      'try `deadair schema report`',
    );
  }
  const { ReportSchema } = await import('./report/schema.ts');
  await terminal.out(`${JSON.stringify(ReportSchema, null, 2)}\n`);
  return 0;
}
