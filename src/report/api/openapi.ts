/** The frame of the OpenAPI document; the routes fill it. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { allowedOn } from './access/table.ts';

const describeRole = (method: string, url: string): Record<string, unknown> => {
  const allowed = allowedOn(method, url);
  if (allowed === null || allowed === 'open') return { security: [] };
  return { 'x-roles': ['admin', ...allowed] };
};

export const openapiDocument = (): FastifyDynamicSwaggerOptions => ({
  // Routes of other programs (bull-board, tus) are not ours to document.
  hideUntagged: true,
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'deadair',
      version: '1',
      description:
        'Captures in, findings out. Errors are application/problem+json with stable types. Fields are added freely; ' +
        'none is renamed or dropped within /api/v1.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'deadair_session' },
      },
    },
    security: [{ token: [] }, { session: [] }],
  },
  transform: ({ schema, url, route }) => {
    const [method = 'GET'] = [route.method].flat();
    return { schema: { ...schema, ...describeRole(method, url) }, url };
  },
});
