/**
 * Who may do what: every route of the service and the least role for it, in one place. A route that is not in it cannot
 * be registered, so nothing is open by having been forgotten (test/api-access.test.ts walks the OpenAPI document).
 */
export const ROLES = ['admin', 'read', 'submit', 'worker'] as const;

export type Role = (typeof ROLES)[number];

/** Roles beside admin, who may everything; `open` needs no token. */
type Allowed = 'open' | readonly Exclude<Role, 'admin'>[];

const READ = ['read'] as const;
const SUBMIT = ['submit'] as const;
/** Whoever submits wants to see what became of it. */
const FOLLOW = ['read', 'submit', 'worker'] as const;
const WORKER = ['worker'] as const;
const ADMIN = [] as const;

export const ACCESS: Readonly<Record<string, Allowed>> = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /metrics': READ,
  'GET /openapi.json': READ,
  'POST /api/v1/session': 'open',
  'GET /api/v1/session': 'open',
  'DELETE /api/v1/session': 'open',
  'POST /api/v1/csp-reports': 'open',

  'POST /api/v1/captures': SUBMIT,
  'GET /api/v1/jobs': FOLLOW,
  'GET /api/v1/jobs/:id': FOLLOW,
  'DELETE /api/v1/jobs/:id': SUBMIT,
  'GET /api/v1/jobs/:id/report': FOLLOW,
  'GET /api/v1/jobs/:id/events': FOLLOW,
  'GET /api/v1/jobs/:id/capture': WORKER,
  'PATCH /api/v1/jobs/:id': WORKER,
  'PUT /api/v1/jobs/:id/report': WORKER,
  'POST /api/v1/batches': WORKER,

  'GET /api/v1/findings': READ,
  'GET /api/v1/findings/:id': READ,
  'PATCH /api/v1/findings/:id': ADMIN,
  'GET /api/v1/findings/:id/pcap': READ,
  'GET /api/v1/findings/:id/packets': READ,
  'GET /api/v1/paths': READ,
  'GET /api/v1/paths/:id': READ,
  'PATCH /api/v1/paths/:id': ADMIN,
  'GET /api/v1/events': READ,
  'GET /api/v1/agents': READ,
  'DELETE /api/v1/agents/:id': ADMIN,

  'GET /api/v1/webhooks': ADMIN,
  'POST /api/v1/webhooks': ADMIN,
  'GET /api/v1/webhooks/:id': ADMIN,
  'PATCH /api/v1/webhooks/:id': ADMIN,
  'DELETE /api/v1/webhooks/:id': ADMIN,
  'GET /api/v1/webhooks/:id/deliveries': ADMIN,
  'POST /api/v1/webhooks/:id/test': ADMIN,
  'POST /api/v1/webhooks/:id/rotate': ADMIN,
  'POST /api/v1/deliveries/:id/redeliver': ADMIN,
  'GET /api/v1/dead': ADMIN,
  'POST /api/v1/dead': ADMIN,
};

/** Trees of other programs' routes: the dashboard's files, tus and bull-board. */
const TREES: readonly (readonly [prefix: string, allowed: Allowed])[] = [
  ['/admin/queues', ADMIN],
  ['/api/v1/uploads', SUBMIT],
];

/** Null: nobody decided about this route. HEAD is what GET is. */
export function allowedOn(method: string, route: string): Allowed | null {
  const verb = method === 'HEAD' ? 'GET' : method;
  const entry = ACCESS[`${verb} ${route}`];
  if (entry !== undefined) return entry;
  const tree = TREES.find(([prefix]) => route === prefix || route.startsWith(`${prefix}/`));
  if (tree !== undefined) return tree[1];
  // The dashboard is code that anybody may read; what it shows comes through the API.
  return verb === 'GET' && !route.startsWith('/api/') ? 'open' : null;
}

export const mayEnter = (allowed: Allowed, role: Role | null): boolean =>
  allowed === 'open' || role === 'admin' || (role !== null && allowed.includes(role));
