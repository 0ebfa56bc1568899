/**
 * POST /api/v1/uploads: the same as a capture in one piece, for lines that break (tus 1.0, tus.io/protocols). What has come
 * so far waits in <data>/uploads under the id of the job that it will be, for a day; when it is whole it is looked at as any
 * capture is, and becomes that job. There is no GET: nothing that was sent in can be fetched from here.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import type { Server } from '@tus/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newJobId } from '../store/jobs.ts';
import { captureFile, syncFolder } from '../store/places.ts';
import type { ApiContext } from './context.ts';
import { Problem } from './problem.ts';
import { recordJob } from './record-job.ts';
import { TusError, TusServer } from './tus-problem.ts';
import { isCaptureMagic, refuseFullDisk, type Uploaded } from './upload.ts';

const PLACE = '/api/v1/uploads';
const KEPT_MS = 24 * 3600 * 1000;
const SWEEP_MS = 3600 * 1000;
/** The answer to the last piece names the job. */
export const JOB_HEADER = 'x-deadair-job';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its handler reads the request itself: no body timer stands between. */
    readonly ownBody?: boolean;
  }
}

async function lookAt(path: string): Promise<Uploaded> {
  const file = await open(path, 'r');
  try {
    const first = Buffer.alloc(4);
    const { bytesRead } = await file.read(first, 0, 4, 0);
    if (bytesRead < 4 || !isCaptureMagic(first))
      throw new Problem('not-a-capture', 'this is neither pcap nor pcapng, plain or compressed');
    await file.sync();
  } finally {
    await file.close();
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}

function makeServer(
  app: FastifyInstance,
  context: ApiContext,
): { server: Server; store: FileStore } {
  const { data, maxUpload } = context;
  const directory = join(data, 'uploads');
  const store = new FileStore({ directory, expirationPeriodInMilliseconds: KEPT_MS });
  const finish = async (id: string, name: string | null): Promise<string> => {
    const path = join(directory, id);
    try {
      const uploaded = await lookAt(path);
      await rename(path, captureFile(data, id));
      syncFolder(join(data, 'captures'));
      const settings = {};
      const made = { id, name: name?.slice(0, 255) ?? null, source: 'api', settings, ...uploaded };
      return (await recordJob(context, made, { key: null, log: app.log })).job.id;
    } finally {
      await rm(path, { force: true });
      await rm(`${path}.json`, { force: true });
    }
  };
  const server = new TusServer({
    path: PLACE,
    datastore: store,
    maxSize: maxUpload,
    relativeLocation: true,
    // Of no other origin: an empty answer is none of the browser's allowed ones.
    allowedOrigins: () => false,
    namingFunction: newJobId,
    async onUploadCreate(_request, upload) {
      await refuseFullDisk(data, upload.size ?? 0).catch((thrown: unknown) => {
        throw new TusError(thrown);
      });
      return {};
    },
    async onUploadFinish(_request, { id, metadata }) {
      const name = metadata?.['filename'] ?? null;
      const job = await finish(id, name).catch((thrown: unknown) => {
        throw new TusError(thrown);
      });
      return { headers: { [JOB_HEADER]: job } };
    },
  });
  return { server, store };
}

export async function resumableRoutes(
  app: FastifyInstance,
  context: ApiContext,
  stillMs: number,
): Promise<void> {
  await mkdir(join(context.data, 'uploads'), { recursive: true, mode: 0o700 });
  // Made when it is first needed: the file store begins to work on the disk when it is made.
  let made: ReturnType<typeof makeServer> | null = null;
  const resumable = () => (made ??= makeServer(app, context));
  const sweep = setInterval(() => {
    resumable()
      .store.deleteExpired()
      .catch((err: unknown) => app.log.warn({ err }, 'could not sweep uploads'));
  }, SWEEP_MS);
  app.addHook('onClose', async () => clearInterval(sweep));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    request.raw.setTimeout(stillMs, () => void request.raw.destroy());
    await resumable().server.handle(request.raw, reply.raw);
  };
  const method = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];
  const options = { method, config: { ownBody: true }, schema: { hide: true }, handler: handle };
  app.route({ ...options, url: PLACE });
  app.route({ ...options, url: `${PLACE}/:id` });
}
