/** How `deadair schema` is called. */
import { Command } from 'commander';
import type { Invocation } from './invocation.ts';

export function schemaCommand({ terminal, done }: Invocation): Command {
  return new Command('schema')
    .description('print the JSON Schema of a document')
    .argument('<document>', 'report, compare or doctor')
    .action(async (what: string) => {
      const { printSchema } = await import('./schema.ts');
      done(await printSchema(what, terminal));
    });
}
