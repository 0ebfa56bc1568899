/** Batches become rows and events: once, whole, and only what the contract knows. */
import { expect, test } from 'vitest';
import { accept, acceptHeartbeat, isAccepted } from '../src/report/intake/accept.ts';
import { listAgents, noticeSilentAgents } from '../src/report/store/agents.ts';
import type { Database } from '../src/report/store/database.ts';
import { eventsAfter } from '../src/report/store/events.ts';
import { evidenceOf } from '../src/report/store/evidence.ts';
import { changeFinding, findingOf } from '../src/report/store/findings.ts';
import { completeJob, insertJob, newJobId } from '../src/report/store/jobs.ts';
import { changePath, isMuted, pathOf } from '../src/report/store/paths.ts';
import { aBatch, aFinding, aPath, withStore } from './kit/store.ts';

const typesOf = (db: Database): string[] => eventsAfter(db, 0, 1000).map(({ type }) => type);

const estimated = (at: number, low: number, high: number) => ({
  status: 'estimated' as const,
  estimateSeconds: at,
  lowSeconds: low,
  highSeconds: high,
});

test('a batch that comes twice, and a finding in two batches, are stored and told of once', () =>
  withStore((db) => {
    const batch = aBatch({ findings: [aFinding('f_1'), aFinding('f_2')] });
    expect(accept(db, batch, 1).findings).toEqual({ created: 2, updated: 0, known: 0 });
    expect(accept(db, batch, 2).findings).toEqual({ created: 0, updated: 0, known: 2 });
    const other = aBatch({ from: { kind: 'agent', agent: 'gw2', host: 'gateway-2' } });
    accept(db, { ...other, findings: [aFinding('f_1')] }, 3);
    expect(typesOf(db)).toEqual(['finding.created', 'finding.created']);
    expect(findingOf(db, 'f_1')).toMatchObject({ agent: 'gw1', update: 0 });
    expect(isAccepted(db, batch.id)).toBe(true);
    expect(isAccepted(db, 'b_none')).toBe(false);
  }));

test('only a higher update replaces a finding, and what people wrote on it stays', () =>
  withStore((db) => {
    accept(db, aBatch({ findings: [aFinding('f_1', { update: 1 })] }), 1);
    changeFinding(db, 'f_1', { acknowledged: true, comment: 'known' }, { by: 'me', now: 2 });
    accept(db, aBatch({ findings: [aFinding('f_1', { update: 0, confidence: 0.1 })] }), 3);
    expect(findingOf(db, 'f_1')).toMatchObject({ update: 1, confidence: 0.9 });
    accept(db, aBatch({ findings: [aFinding('f_1', { update: 2, confidence: 0.5 })] }), 4);
    expect(findingOf(db, 'f_1')).toMatchObject({
      update: 2,
      confidence: 0.5,
      comment: 'known',
      acknowledged: { by: 'me' },
    });
    expect(typesOf(db)).toEqual(['finding.created', 'finding.updated']);
  }));

test('the same death at two vantages is linked both ways, at another hour it is another death', () =>
  withStore((db) => {
    const flow = { sequence: 's_abc' };
    const later = { at: '2026-03-01T19:00:00Z' };
    accept(db, aBatch({ findings: [aFinding('f_in', { flow })] }), 1);
    accept(db, aBatch({ findings: [aFinding('f_out', { flow })] }), 2);
    accept(db, aBatch({ findings: [aFinding('f_else', { flow, ending: later })] }), 3);
    expect(findingOf(db, 'f_in')?.sameAs).toEqual(['f_out']);
    expect(findingOf(db, 'f_out')?.sameAs).toEqual(['f_in']);
    expect(findingOf(db, 'f_else')?.sameAs).toEqual([]);
  }));

test('what is no finding is refused with its place, and does not hold up the batch', () =>
  withStore((db) => {
    const bad = { ...aFinding('f_bad'), verdict: 'because' as 'burst' };
    const done = accept(db, aBatch({ findings: [bad, aFinding('f_good')] }), 1);
    expect(done.findings.created).toBe(1);
    expect(done.refused).toEqual([{ id: 'f_bad', why: expect.stringContaining('/verdict') }]);
    expect(findingOf(db, 'f_bad')).toBeNull();
  }));

test('packets are kept once, only of findings there are, and only if they are pcapng', () =>
  withStore((db) => {
    const section = Buffer.alloc(28);
    section.writeUInt32BE(0x0a0d0d0a);
    const pcapng = section.toString('base64');
    const evidence = ['f_1', 'f_none', 'f_2'].map((finding) => ({ finding, pcapng }));
    const wrong = { finding: 'f_3', pcapng: Buffer.from('MZ'.repeat(20)).toString('base64') };
    const findings = ['f_1', 'f_2', 'f_3'].map((id) => aFinding(id));
    const done = accept(db, aBatch({ findings, evidence: [...evidence, wrong] }), 1);
    expect(done.evidence).toBe(2);
    expect(evidenceOf(db, 'f_1')).toEqual(new Uint8Array(section));
    expect(evidenceOf(db, 'f_3')).toBeNull();
    expect(findingOf(db, 'f_2')?.hasEvidence).toBe(true);
  }));

test('a first estimate is told, a better one is history, and one outside its interval is a change', () =>
  withStore((db) => {
    const say = (timeout: object, now: number) =>
      accept(db, aBatch({ paths: [aPath('p_1', { timeout })] }), now);
    say({ status: 'bounded', estimateSeconds: null, lowSeconds: null, highSeconds: 90 }, 1);
    say(estimated(60, 50, 70), 2);
    say(estimated(60, 50, 70), 3);
    say(estimated(65, 55, 70), 4);
    say(estimated(300, 280, 310), 5);
    expect(typesOf(db)).toEqual(['path.estimated', 'path.changed']);
    const [, changed] = eventsAfter(db, 0, 10);
    expect(changed?.data).toMatchObject({
      id: 'p_1',
      timeout: { estimateSeconds: 300 },
      former: { estimateSeconds: 65, lowSeconds: 55, highSeconds: 70 },
    });
    expect(pathOf(db, 'p_1')?.history.map(({ estimateSeconds }) => estimateSeconds)).toEqual([
      null,
      60,
      65,
      300,
    ]);
  }));

test('a capture that is analysed twice counts once, another source adds to it', () =>
  withStore((db) => {
    const jobs = ['same', 'same', 'other'].map((sha256) => {
      const id = newJobId();
      insertJob(db, { id, name: null, source: 'api', bytes: 1, sha256, settings: {} }, 1);
      return id;
    });
    for (const job of jobs) {
      accept(db, aBatch({ from: { kind: 'job', job }, paths: [aPath('p_1')] }), 2);
    }
    const path = pathOf(db, 'p_1');
    expect(path).toMatchObject({ sources: 2, killed: 24, survived: 32 });
    const counts = path?.observations?.bins?.map(({ count }) => count) ?? [];
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(56);
    expect(path?.observations?.undecided).toMatchObject([{ outcome: 'open', count: 6 }]);
  }));

test('a path whose newest source cannot tell T keeps the estimate of an older one', () =>
  withStore((db) => {
    const agent = { kind: 'agent' as const, agent: 'gw2', host: 'x' };
    const timeout = { status: 'refused' as const, estimateSeconds: null };
    accept(db, aBatch({ paths: [aPath('p_1', { timeout: estimated(60, 50, 70) })] }), 1);
    const newer = aBatch({ from: agent, sentAt: '2026-04-01T12:00:00Z' });
    accept(db, { ...newer, paths: [aPath('p_1', { timeout })] }, 2);
    expect(pathOf(db, 'p_1')?.timeout).toMatchObject({ status: 'estimated', estimateSeconds: 60 });
  }));

test('a muted path is muted until its time', () =>
  withStore((db) => {
    accept(db, aBatch({ paths: [aPath('p_1')] }), 1);
    expect(changePath(db, 'p_1', { mutedUntil: 1000 }, 2)).toBe(true);
    expect([isMuted(db, 'p_1', 999), isMuted(db, 'p_1', 1000)]).toEqual([true, false]);
    expect(changePath(db, 'p_none', { mutedUntil: 1000 }, 2)).toBe(false);
  }));

test('an agent that falls silent is an event, once, and again after it has come back', () =>
  withStore((db) => {
    const beat = {
      v: 1 as const,
      kind: 'heartbeat' as const,
      agent: 'gw1',
      host: 'gateway-1',
      interfaces: [{ name: 'eth0', up: true, packets: 5, drops: 0 }],
      blindSeconds: 0,
      spoolBytes: 0,
      findings: 0,
      at: '2026-03-01T12:00:00Z',
    };
    acceptHeartbeat(db, beat, 1000);
    expect(noticeSilentAgents(db, 31_000)).toBe(0);
    expect([noticeSilentAgents(db, 31_001), noticeSilentAgents(db, 60_000)]).toEqual([1, 0]);
    expect(listAgents(db)).toMatchObject([{ id: 'gw1', silent: true }]);
    acceptHeartbeat(db, beat, 70_000);
    expect(listAgents(db)).toMatchObject([{ silent: false, silentSince: null }]);
    noticeSilentAgents(db, 200_000);
    expect(typesOf(db)).toEqual(['agent.silent', 'agent.back', 'agent.silent']);
  }));

test('a job ends once, and its end is an event', () =>
  withStore((db) => {
    const id = newJobId();
    insertJob(db, { id, name: 'x', source: 'api', bytes: 9, sha256: 'a', settings: {} }, 1);
    const end = () => completeJob(db, id, { reportBytes: 10, findings: 3 }, 2);
    expect([end(), end()]).toEqual([true, false]);
    expect(eventsAfter(db, 0, 10)).toMatchObject([
      { type: 'job.completed', subject: id, data: { state: 'completed', progress: { bytes: 9 } } },
    ]);
  }));
