/** GET /api/v1/findings/{id}/packets: the evidence of a finding, decoded into the rows of its ladder. */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { laddersOf } from '../ladder/ladders.ts';
import { type Ladder, LadderSchema } from '../ladder/schema.ts';
import { evidenceOf } from '../store/evidence.ts';
import { findingOf, type StoredFinding } from '../store/findings.ts';
import type { ApiContext } from './context.ts';
import { notFound, Problem } from './problem.ts';
import { GUARDED, IdParams, problems } from './schemas.ts';
import { typed } from './typed.ts';

const schema = {
  tags: ['findings'],
  operationId: 'getFindingLadder',
  summary: 'Its packets, decoded: the ladder',
  params: IdParams,
  response: { 200: LadderSchema, ...problems(...GUARDED, 404) },
};

/** Evidence is at most 64 kB: decoded at once, from a file of our own naming. */
async function ladderOf(
  data: string,
  finding: StoredFinding,
  pcapng: Uint8Array,
): Promise<Ladder | null> {
  const path = join(data, 'work', `packets-${randomBytes(8).toString('hex')}.pcapng`);
  try {
    await writeFile(path, pcapng, { flag: 'wx', mode: 0o600 });
    const signal = AbortSignal.timeout(5000);
    const options = { paths: [path], filter: null, together: [], signal };
    return (await laddersOf([finding], options)).get(finding.id) ?? null;
  } finally {
    await rm(path, { force: true });
  }
}

export function packetRoutes(plain: FastifyInstance, { db, data }: ApiContext): void {
  typed(plain).get('/api/v1/findings/:id/packets', { schema }, async (request, reply) => {
    const finding = findingOf(db, request.params.id);
    if (finding === null) throw notFound('finding');
    const pcapng = evidenceOf(db, finding.id);
    const ladder = pcapng === null ? null : await ladderOf(data, finding, pcapng);
    if (ladder === null) throw new Problem('evidence-not-kept', 'its packets were not kept');
    return reply.send(ladder);
  });
}
