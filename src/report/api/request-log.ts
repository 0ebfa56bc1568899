/**
 * A line for each request that changed something or failed, with the id that the client got as well. What only reads is
 * logged at level debug: a dashboard and its probes ask all day, also while something is away (503).
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

export const newRequestId = (): string => `r_${randomBytes(8).toString('hex')}`;

const reads = (method: string): boolean => method === 'GET' || method === 'HEAD';

export function installRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook(
    'onResponse',
    async ({ log, method, routeOptions, ip }, { statusCode, elapsedTime }) => {
      const fields = {
        method,
        // The pattern: an address that a client made up does not belong into a log.
        route: routeOptions.url ?? null,
        status: statusCode,
        milliseconds: Math.round(elapsedTime),
        client: ip,
      };
      if (reads(method) && (statusCode < 500 || statusCode === 503)) log.debug(fields, 'request');
      else log.info(fields, 'request');
    },
  );
}
