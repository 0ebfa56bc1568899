/** How `deadair schema` is called. */
import { Command } from 'commander';
import type { Invocation } from './invocation.ts';

/** `commands`: what a config file may set is what they declare. */
export function schemaCommand(
  { terminal, done }: Invocation,
  commands: () => readonly Command[],
): Command {
  return new Command('schema')
    .description('print the JSON Schema of a document')
    .argument('<document>', 'report, compare, doctor or config')
    .action(async (what: string) => {
      const { printSchema } = await import('./schema.ts');
      done(await printSchema(what, terminal, commands));
    });
}
