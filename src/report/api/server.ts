/**
 * The API as one Fastify server, made of the routes beside this file. What it needs comes in as a context, so that tests
 * and `serve` start the same thing.
 *
 * Limits: headers within 10 s and 16 kB, bodies of JSON 1 MiB, a body that stands still 30 s ends. There is no limit on
 * the time a body takes as a whole: captures are large, and lines are slow.
 */
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  LogController,
} from 'fastify';
import type { Database } from '../store/database.ts';
import { visibleJson } from '../visible.ts';
import { installAccess } from './access/access.ts';
import { agentRoutes } from './agents.ts';
import { installBodyTimer, STILL_MS } from './body-timer.ts';
import { captureRoutes } from './captures.ts';
import { answerClientError } from './client-error.ts';
import type { ApiContext } from './context.ts';
import { dashboardRoutes } from './dashboard.ts';
import { deadRoutes } from './dead.ts';
import { eventRoutes } from './events.ts';
import { findingRoutes } from './findings.ts';
import { healthRoutes } from './health.ts';
import { jobRoutes } from './jobs.ts';
import { metricRoutes } from './metrics.ts';
import { openapiDocument } from './openapi.ts';
import { pathRoutes } from './paths.ts';
import { installProblems, Problem, sendProblem } from './problem.ts';
import { installRequestLog, newRequestId } from './request-log.ts';
import { workerRoutes } from './remote-worker.ts';
import { resumableRoutes } from './resumable.ts';
import { sessionRoutes } from './session.ts';
import { BEAT_MS } from './sse.ts';

const HEADERS_MS = 10_000;
const HEADER_BYTES = 16_384;
const BODY_BYTES = 1024 * 1024;
/** Longer than any id: the schema says what is wrong with it. */
const PARAM_LENGTH = 1024;

export interface ServerOptions {
  readonly context: ApiContext;
  /** A connection of its own to the same store, closed with the server. */
  readonly follow: Database;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** pino, in truth: its children carry the request's id. */
  readonly log: FastifyBaseLogger | null;
  /** Where the dashboard was built; null for none. */
  readonly dashboard: string | null;
  /** Routes of stages behind this one: webhooks. */
  readonly more?: readonly ((app: FastifyInstance) => void | Promise<void>)[];
  /** At once; the defaults are in the routes. */
  readonly most?: { readonly listeners?: number; readonly uploads?: number };
  /** For tests that cannot wait. */
  readonly times?: {
    readonly stillMs?: number;
    readonly beatMs?: number;
    readonly headersMs?: number;
  };
}

const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'worker-src': ["'self'"],
  'manifest-src': ["'self'"],
  'frame-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'report-uri': ['/api/v1/csp-reports'],
};

/** HSTS and upgrade-insecure-requests would leave the page blank where there is no TLS. */
const protection = (tls: boolean) => ({
  contentSecurityPolicy: { useDefaults: false, directives: POLICY },
  strictTransportSecurity: tls ? { maxAge: 15_552_000, includeSubDomains: false } : false,
  crossOriginOpenerPolicy: tls,
  originAgentCluster: tls,
  referrerPolicy: { policy: 'no-referrer' as const },
  xFrameOptions: { action: 'deny' as const },
});

/** What the router refuses by itself, an address it cannot read above all. */
const frameworkErrors = (error: Error, _request: unknown, reply: FastifyReply): void =>
  void sendProblem(reply, new Problem('bad-request', error.message));

function makeServer({ tls, log, times }: ServerOptions): FastifyInstance {
  const headersTimeout = times?.headersMs ?? HEADERS_MS;
  const http = {
    headersTimeout,
    // 0: a body may take as long as it needs. Node looks at the headers' time this often.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1000, headersTimeout / 2),
    maxHeaderSize: HEADER_BYTES,
  };
  const common = {
    bodyLimit: BODY_BYTES,
    requestTimeout: 0,
    forceCloseConnections: true as const,
    trustProxy: false,
    routerOptions: { maxParamLength: PARAM_LENGTH },
    frameworkErrors,
    clientErrorHandler: answerClientError,
    genReqId: newRequestId,
    requestIdHeader: false as const,
    logController: new LogController({ disableRequestLogging: true }),
    ajv: { customOptions: { removeAdditional: false as const, coerceTypes: 'array' as const } },
    ...(log === null ? { logger: false as const } : { loggerInstance: log }),
  };
  if (tls === null) return fastify({ ...common, http }) as FastifyInstance;
  return fastify({ ...common, https: { ...http, ...tls } }) as FastifyInstance;
}

async function installRoutes(app: FastifyInstance, options: ServerOptions): Promise<void> {
  const { context, follow, times } = options;
  const counters = { cspReports: 0, eventListeners: 0 };
  jobRoutes(app, context);
  findingRoutes(app, context);
  pathRoutes(app, context);
  agentRoutes(app, context);
  deadRoutes(app, context);
  sessionRoutes(app, context);
  healthRoutes(app, context, counters);
  metricRoutes(app, context, counters);
  eventRoutes(app, context, {
    follow,
    beatMs: times?.beatMs ?? BEAT_MS,
    counters,
    most: options.most?.listeners,
  });
  await app.register((scope) => captureRoutes(scope, context, options.most?.uploads));
  await app.register((scope) => resumableRoutes(scope, context, times?.stillMs ?? STILL_MS));
  await app.register((scope) => workerRoutes(scope, context));
  for (const routes of options.more ?? []) await app.register(async (scope) => routes(scope));
  await dashboardRoutes(app, options.dashboard);
}

/** Not listening yet. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = makeServer(options);
  const { rules, db, failures, clock } = options.context;
  app.setSerializerCompiler(() => (document) => visibleJson(JSON.stringify(document)));
  installProblems(app);
  installRequestLog(app);
  await app.register(swagger, openapiDocument());
  installAccess(app, { rules, db, failures, clock });
  await app.register(helmet, protection(options.tls !== null));
  installBodyTimer(app, options.times?.stillMs ?? STILL_MS);
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) =>
    reply.send(app.swagger()),
  );
  await installRoutes(app, options);
  await app.ready();
  return app;
}
