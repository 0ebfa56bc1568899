/** Events as they happen: in order, from where a listener left off, and none that is not asked for. */
import { expect, test } from 'vitest';
import { accept } from '../src/report/intake/accept.ts';
import {
  insertJob,
  newJobId,
  progressJob,
  startJob,
  completeJob,
} from '../src/report/store/jobs.ts';
import { openDatabase } from '../src/report/store/database.ts';
import { type Service, withService } from './kit/service.ts';
import { aBatch, aFinding, aPath } from './kit/store.ts';

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

interface Ear {
  readonly heard: Message[];
  readonly comments: string[];
  /** Resolves when the server has ended it. */
  readonly over: Promise<void>;
  close(): void;
}

function parse(block: string): Message | null {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
  if (!block.includes('data: ')) return null;
  return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
}

async function listen(service: Service, path: string, lastId?: string): Promise<Ear> {
  const stop = new AbortController();
  const headers: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
  const answer = await service.get(path, { headers, signal: stop.signal });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const [heard, comments]: [Message[], string[]] = [[], []];
  const read = async () => {
    let text = '';
    for await (const part of answer.body ?? []) {
      text += Buffer.from(part).toString();
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const message = parse(block);
        if (message === null) comments.push(block);
        else heard.push(message);
      }
    }
  };
  return { heard, comments, over: read().catch(() => {}), close: () => stop.abort() };
}

const ids = ({ heard }: Ear) => heard.map(({ data }) => (data['data'] as { id: string }).id);

test('a finding that another process stores is heard within a second, as the contract has it', () =>
  withService({}, async (service) => {
    const ear = await listen(service, '/api/v1/events');
    const other = openDatabase(service.data);
    accept(other, aBatch({ findings: [aFinding('f_1')] }), Date.now());
    await expect.poll(() => ear.heard.length, { timeout: 3000 }).toBe(1);
    expect(ear.heard[0]).toMatchObject({
      id: '1',
      event: 'finding.created',
      data: {
        type: 'finding.created',
        timestamp: expect.stringMatching(/Z$/),
        data: { id: 'f_1' },
      },
    });
    other.close();
    ear.close();
  }));

test('with Last-Event-ID a listener goes on where it was, without it begins at now', () =>
  withService({}, async (service) => {
    const store = (id: string) => accept(service.db, aBatch({ findings: [aFinding(id)] }), 1);
    for (const id of ['f_1', 'f_2', 'f_3']) store(id);
    const back = await listen(service, '/api/v1/events', '1');
    const fresh = await listen(service, '/api/v1/events');
    await expect.poll(() => ids(back)).toEqual(['f_2', 'f_3']);
    store('f_4');
    await expect.poll(() => ids(back)).toEqual(['f_2', 'f_3', 'f_4']);
    await expect.poll(() => ids(fresh)).toEqual(['f_4']);
    back.close();
    fresh.close();
  }));

test('five thousand events that were missed all come, in order', () =>
  withService({}, async (service) => {
    const findings = Array.from({ length: 5000 }, (_, i) => aFinding(`f_${i}`));
    const ear = await listen(service, '/api/v1/events', '0');
    accept(service.db, aBatch({ findings }), 1);
    await expect.poll(() => ear.heard.length, { timeout: 30_000 }).toBe(5000);
    expect(ear.heard.map(({ id }) => Number(id))).toEqual(findings.map((_, i) => i + 1));
    ear.close();
  }));

test('only the types that were asked for come; unknown ones are refused', () =>
  withService({}, async (service) => {
    const ear = await listen(service, '/api/v1/events?types=path.estimated');
    accept(service.db, aBatch({ findings: [aFinding('f_1')], paths: [aPath('p_1')] }), 1);
    await expect.poll(() => ear.heard.map(({ event }) => event)).toEqual(['path.estimated']);
    ear.close();
    expect((await service.get('/api/v1/events?types=finding.eaten')).status).toBe(400);
  }));

test('a quiet stream beats, and ends when the server stops', () =>
  withService({ times: { beatMs: 50 } }, async (service) => {
    const ear = await listen(service, '/api/v1/events');
    await expect
      .poll(() => ear.comments.filter((text) => text === ': beat').length)
      .toBeGreaterThan(2);
    void ear.over;
    ear.close();
  }));

test('a job is told of at every step, and its stream ends with it', () =>
  withService({ idle: true }, async (service) => {
    const { db } = service;
    const id = newJobId();
    insertJob(db, { id, name: null, source: 'api', bytes: 9, sha256: 'a', settings: {} }, 1);
    const ear = await listen(service, `/api/v1/jobs/${id}/events`);
    await expect.poll(() => ear.heard.length).toBe(1);
    startJob(db, id, 'w', 2);
    progressJob(db, id, { bytes: 5, findings: 1 }, 3);
    await expect.poll(() => ear.heard.at(-1)?.data).toMatchObject({ progress: { bytes: 5 } });
    completeJob(db, id, { reportBytes: 1, findings: 1 }, 4);
    await ear.over;
    expect(ear.heard.at(-1)).toMatchObject({
      event: 'completed',
      data: { id, state: 'completed' },
    });
    expect((await service.get('/api/v1/jobs/j_none/events')).status).toBe(404);
  }));
