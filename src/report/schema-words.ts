/** Shapes that every part of the report's schema is made of. */
import Type from 'typebox';

export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const time = (description: string) => Type.String({ format: 'date-time', description });
export const span = (description: string) =>
  Type.Number({ minimum: 0, description: `${description}, seconds` });
export const side = Type.Enum(['originator', 'responder']);

export const Endpoint = Type.Object({
  address: Type.String(),
  port: Type.Integer({ minimum: 0, maximum: 65535 }),
  name: Type.Optional(Type.String({ description: 'of the address; with --names' })),
});
