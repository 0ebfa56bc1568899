/**
 * A route's schema is also the type of what comes in. What goes out is not typed by it: the store's types are readonly,
 * and tests hold every answer against the schema (test/api-openapi.test.ts).
 */
import type { FastifyInstance, FastifyTypeProvider } from 'fastify';
import type { Static, TSchema } from 'typebox';

export interface CheckedInput extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: unknown;
}

export const typed = (app: FastifyInstance) => app.withTypeProvider<CheckedInput>();
