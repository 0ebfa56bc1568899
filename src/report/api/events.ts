/** Events as they happen: of everything, or of one job. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import type { Database } from '../store/database.ts';
import { EVENT_TYPES, eventsAfter, lastSeq, type StoredEvent } from '../store/events.ts';
import { type Job, jobOf } from '../store/jobs.ts';
import type { ApiContext } from './context.ts';
import { Follower } from './follow.ts';
import { notFound, Problem } from './problem.ts';
import { FOLLOWED, GUARDED, IdParams, problems } from './schemas.ts';
import { lastEventId, type Listener, openStream } from './sse.ts';
import { typed } from './typed.ts';

/** Chosen: each holds a connection. */
const MOST_LISTENERS = 256;
/** Chosen: events that one look hands to one listener. */
const AT_ONCE = 50;

const stream = (description: string) => ({
  200: { description, content: { 'text/event-stream': { schema: { type: 'string' } } } },
});

const allSchema = {
  tags: ['events'],
  operationId: 'followEvents',
  summary: 'Events as they happen (SSE), from Last-Event-ID on',
  querystring: Type.Object(
    { types: Type.Optional(Type.String({ maxLength: 512, description: 'only these, by commas' })) },
    { additionalProperties: false },
  ),
  response: {
    ...stream('`{type, timestamp, data}` as the contract has it'),
    ...problems(...GUARDED, 503),
  },
};

const jobSchema = {
  tags: ['jobs'],
  operationId: 'followJob',
  summary: 'Progress of a job as it happens (SSE); ends with the job',
  params: IdParams,
  response: { ...stream('the job, each time it has changed'), ...problems(...FOLLOWED, 404, 503) },
};

function typesFrom(text: string | undefined): ReadonlySet<string> | null {
  if (text === undefined) return null;
  const types = text.split(',').map((type) => type.trim());
  const unknown = types.find((type) => !EVENT_TYPES.some((known) => known === type));
  if (unknown !== undefined)
    throw new Problem('bad-request', `types: there are ${EVENT_TYPES.join(', ')}`);
  return new Set(types);
}

interface Following {
  readonly db: Database;
  readonly follower: Follower;
  readonly listener: Listener;
}

/** A listener that wants nothing of what came still moves on. One that does not read is waited for. */
function followAll(
  { db, follower, listener }: Following,
  from: number,
  wanted: ReadonlySet<string> | null,
): void {
  let seq = from;
  const hand = ({ seq: id, type, timestamp, data }: StoredEvent) => {
    seq = id;
    if (wanted !== null && !wanted.has(type)) return;
    listener.send({ id: String(id), event: type, data: { type, timestamp, data } });
  };
  const feed = () => {
    while (!listener.gone && !listener.full) {
      const events = eventsAfter(db, seq, AT_ONCE);
      events.forEach(hand);
      if (events.length < AT_ONCE) return;
    }
  };
  listener.onGone(follower.watch(feed));
  listener.onDrain(feed);
}

const isOver = ({ state }: Job): boolean => state !== 'queued' && state !== 'running';

function followOne({ db, follower, listener }: Following, id: string): void {
  let [shown, count] = ['', 0];
  const leave = follower.watch(() => {
    const job = jobOf(db, id);
    const text = JSON.stringify(job);
    if (job !== null && text !== shown) {
      shown = text;
      listener.send({
        id: String(++count),
        event: isOver(job) ? job.state : 'progress',
        data: job,
      });
    }
    if (job === null || isOver(job)) {
      leave();
      listener.end();
    }
  });
  listener.onGone(leave);
}

interface StreamOptions {
  /** A connection of its own. */
  readonly follow: Database;
  readonly beatMs: number;
  readonly counters: { eventListeners: number };
  /** Listeners at once. */
  readonly most?: number | undefined;
}

export function eventRoutes(
  plain: FastifyInstance,
  { db }: ApiContext,
  { follow, beatMs, counters, most = MOST_LISTENERS }: StreamOptions,
): void {
  const app = typed(plain);
  const follower = new Follower(follow);
  const open = new Set<Listener>();
  const listen = (reply: FastifyReply): Following => {
    if (open.size >= most) {
      const headers = { 'retry-after': '10' };
      throw new Problem('busy', `${most} listen already`, { headers });
    }
    const listener = openStream(reply, beatMs);
    open.add(listener);
    counters.eventListeners = open.size;
    listener.onGone(() => {
      open.delete(listener);
      counters.eventListeners = open.size;
    });
    return { db, follower, listener };
  };
  plain.addHook('preClose', async () => {
    for (const listener of open) listener.end();
  });
  plain.addHook('onClose', async () => follower.close());
  app.get('/api/v1/events', { schema: allSchema }, async (request, reply) => {
    const wanted = typesFrom(request.query.types);
    const from = lastEventId(request) ?? lastSeq(db);
    followAll(listen(reply), from, wanted);
  });
  app.get('/api/v1/jobs/:id/events', { schema: jobSchema }, async (request, reply) => {
    const { id } = request.params;
    if (jobOf(db, id) === null) throw notFound('job');
    followOne(listen(reply), id);
  });
}
