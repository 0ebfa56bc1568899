/**
 * The dashboard's files, as its build made them, and its one page for every address that is a place in it (deep links).
 * They are code anybody may read: what they show comes through the API.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { notFound, sendProblem } from './problem.ts';

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>deadair</title>
<p>The service runs. Its dashboard is not built here: <code>npm run build</code>.
<p><a href="/openapi.json">The API</a>
`;

/** Files under assets/ have a hash of their content in their name. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const wantsPage = (method: string, url: string, accept: string): boolean =>
  method === 'GET' && !/^\/(?:api|admin)\//.test(url) && accept.includes('text/html');

export async function dashboardRoutes(app: FastifyInstance, folder: string | null): Promise<void> {
  const built = folder !== null && existsSync(join(folder, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      cacheControl: false,
      schemaHide: true,
      // Made beside the files when they are built (scripts/web.js).
      preCompressed: true,
      setHeaders: (reply, path) => {
        reply.header('cache-control', path.includes('/assets/') ? FOR_EVER : 'no-cache');
      },
    });
  } else {
    app.get('/', { schema: { hide: true } }, (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(NOT_BUILT),
    );
  }
  app.setNotFoundHandler((request, reply) => {
    const { method, url, headers } = request;
    if (built && wantsPage(method, url, headers.accept ?? '')) {
      return reply.header('cache-control', 'no-cache').sendFile('index.html');
    }
    return sendProblem(reply, notFound('route'));
  });
}
