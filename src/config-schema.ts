/** The JSON Schema of a config file, made of what the commands themselves declare. */
import type { Command, Option } from 'commander';
import Type from 'typebox';
import { type Kind, kindOf, settingOf, settingsOf } from './config-file.ts';

const Text = Type.Union([Type.String(), Type.Number()]);

const SHAPES: Readonly<Record<Kind, (description: string) => Type.TSchema>> = {
  switch: (description) => Type.Boolean({ description }),
  text: (description) => Type.Union([Type.String(), Type.Number()], { description }),
  texts: (description) => Type.Union([Text, Type.Array(Text)], { description }),
};

const shapeOf = (option: Option): Type.TSchema => SHAPES[kindOf(option)](option.description);

const shapesOf = (options: readonly Option[]): Record<string, Type.TSchema> =>
  Object.fromEntries(options.map((each) => [settingOf(each), Type.Optional(shapeOf(each))]));

const CLOSED = { additionalProperties: false };

/** Settings for all commands, and under a command's name those for it alone. */
export function configSchema(commands: readonly Command[]): Type.TSchema {
  const own = commands.map((command) => {
    const description = `for \`deadair ${command.name()}\` alone`;
    const shape = Type.Object(shapesOf(settingsOf(command)), { ...CLOSED, description });
    return [command.name(), Type.Optional(shape)] as const;
  });
  return Type.Object(
    {
      $schema: Type.Optional(Type.String()),
      ...shapesOf(commands.flatMap(settingsOf)),
      ...Object.fromEntries(own),
    },
    {
      ...CLOSED,
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: 'deadair.config/1',
      title: 'deadair config',
    },
  );
}
