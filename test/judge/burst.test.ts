import { describe, expect, test } from 'vitest';
import type { SilenceRecord } from '../../src/base/record.ts';
import { judge } from '../../src/judge/judge.ts';
import { type Answered, lateReset, ns, quiet, scene, unanswered } from './records.ts';

/** Connections that fell silent at different times and all wake after second 1000 of the story. */
function lostAt1000(silences: readonly number[], story: Answered = {}): SilenceRecord[] {
  return silences.map((silent, i) =>
    lateReset({ silent, from: 1000 + i - silent, port: 40000 + i, ...story }),
  );
}

const midPath: Answered = { record: { endingTtl: 64 } };
const verdicts = (records: readonly SilenceRecord[], within = scene({})) =>
  new Set(judge(records, within).judgements.map(({ finding }) => finding?.verdict));

const scattered = [30, 45, 70, 110, 300, 900];

describe('many late resets around one instant', () => {
  test('from the server itself, and no silence ever survived: the server restarted', () => {
    const { judgements, bursts } = judge(lostAt1000(scattered), scene({}));
    expect(bursts).toMatchObject([{ flows: 6, reading: expect.stringContaining('198.51.100.9') }]);
    expect(bursts[0]?.findingIds).toEqual(judgements.map(({ finding }) => finding?.id));
    for (const { finding, resetCauses, outcome } of judgements) {
      expect(finding).toMatchObject({ signature: 'late-reset', verdict: 'burst' });
      expect(finding?.summary).toMatch(/restarted.*no idle timeout/);
      expect([resetCauses, outcome]).toEqual([['burst'], 'killed']);
    }
  });

  test('four of them only: each stays possible', () => {
    expect(verdicts(lostAt1000(scattered.slice(0, 4)))).toEqual(new Set(['possible-box-timeout']));
  });

  test('while older connections are still answered: nothing restarted', () => {
    const older = scene({ responderAnswered: () => true });
    expect(verdicts(lostAt1000(scattered), older)).toEqual(new Set(['possible-box-timeout']));
  });

  test('asks only for answers on connections older than the instant, after it', () => {
    const first = quiet({ from: 1000, silent: 0 }).startedAtNs;
    const asked: boolean[] = [];
    const within = scene({
      responderAnswered: (_, from, _until, olderThan) => {
        asked.push(from > first && olderThan !== undefined && olderThan <= first);
        return false;
      },
    });
    judge(lostAt1000(scattered), within);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked).not.toContain(false);
  });

  test('where silences half as long had survived: a timeout fits better than a restart', () => {
    const long = [350, 380, 400, 500, 700];
    const survived = scene({ longestSurvivedNs: () => ns(340) });
    expect(verdicts(lostAt1000(long), survived)).toEqual(new Set(['possible-box-timeout']));
  });

  test('… unless connections that had just spoken were reset as well', () => {
    const long = [350, 380, 400, 500, 700];
    const swept = scene({ longestSurvivedNs: () => ns(340), statelessResets: () => 2 });
    expect(verdicts(lostAt1000(long), swept)).toEqual(new Set(['burst']));
    expect(judge(lostAt1000(long), swept).bursts).toMatchObject([{ flows: 7 }]);
  });

  test("that wear the clients' addresses: the server that spoke did not restart", () => {
    expect(verdicts(lostAt1000(scattered, { by: 1, record: { endingTtl: 64 } }))).toEqual(
      new Set(['possible-box-timeout']),
    );
  });

  test('each at its own time: five timeouts, no burst', () => {
    const apart = [0, 1, 2, 3, 4].map((i) =>
      lateReset({ silent: 350, from: i * 400, port: 4000 + i }),
    );
    expect(verdicts(apart)).toEqual(new Set(['possible-box-timeout']));
  });

  test('made mid-path, all longer than any survivor: a timeout, however crowded', () => {
    const survived = scene({ longestSurvivedNs: () => ns(29) });
    expect(verdicts(lostAt1000(scattered, midPath), survived)).toEqual(new Set(['box-timeout']));
  });

  test('made mid-path, of silences that had survived before: the box forgot everything', () => {
    const survived = scene({ longestSurvivedNs: () => ns(600) });
    const { bursts } = judge(lostAt1000(scattered, midPath), survived);
    expect(bursts).toMatchObject([{ flows: 6, reading: expect.stringContaining('box') }]);
  });

  test('from the server itself, of silences that had survived before: it restarted', () => {
    const survived = scene({ longestSurvivedNs: () => ns(600) });
    expect(verdicts(lostAt1000(scattered), survived)).toEqual(new Set(['burst']));
  });

  test('while the server beside them goes on: it is left out of the flush', () => {
    const within = scene({
      longestSurvivedNs: () => ns(600),
      responderAnswered: ({ responderAddress }, from) =>
        responderAddress === '198.51.100.77' && from > quiet({ from: 990 }).startedAtNs,
    });
    const beside = lostAt1000([40, 50], { ...midPath, port: 50000 }).map((record) => ({
      ...record,
      responderAddress: '198.51.100.77',
    }));
    const { bursts, judgements } = judge([...lostAt1000(scattered, midPath), ...beside], within);
    expect(bursts).toMatchObject([{ flows: 6 }]);
    expect(judgements.filter(({ finding }) => finding?.verdict === 'box-timeout')).toHaveLength(2);
  });

  test('made mid-path, one odd survivor among many kills does not make it a flush', () => {
    const long = Array.from({ length: 20 }, (_, i) => 350 + i);
    const survived = scene({ longestSurvivedNs: () => ns(353) });
    expect(verdicts(lostAt1000(long, midPath), survived)).toEqual(new Set(['box-timeout']));
  });

  test('made mid-path, of several servers at once: one flush', () => {
    const survived = scene({ longestSurvivedNs: () => ns(600) });
    const servers = lostAt1000(scattered, midPath).map((record, i) => ({
      ...record,
      responderAddress: `198.51.100.${i}`,
    }));
    expect(judge(servers, survived).bursts).toMatchObject([{ flows: 6 }]);
  });

  test('made mid-path, while more servers behind boxes went on than connections died: nothing was flushed', () => {
    const others = Array.from({ length: 7 }, (_, i) => `203.0.113.${i}`);
    const within = scene({
      longestSurvivedNs: () => ns(600),
      responderAnswered: ({ responderAddress }, from) =>
        others.includes(responderAddress) && from > quiet({ from: 990 }).startedAtNs,
    });
    const earlier = others.map((responderAddress, i) => {
      const record = { ...midPath.record, responderAddress };
      return lateReset({ from: -3000 * (i + 1), silent: 700, port: i, record });
    });
    const lost = lostAt1000(scattered, midPath);
    expect(verdicts([...lost, ...earlier], within)).toEqual(new Set(['box-timeout']));
    expect(judge([...lost, ...earlier.slice(1)], within).bursts).toMatchObject([{ flows: 6 }]);
  });

  test('at the TTLs of several servers at once: nobody says that a box made them', () => {
    const survived = scene({ longestSurvivedNs: () => ns(600) });
    const servers = lostAt1000(scattered).map((record, i) => ({
      ...record,
      responderAddress: `198.51.100.${i}`,
    }));
    expect(judge(servers, survived).bursts).toEqual([]);
  });

  test('a third of them shorter than one that survived: one spared silence makes no flush', () => {
    const long = Array.from({ length: 12 }, (_, i) => 350 + 20 * i);
    const survived = scene({ longestSurvivedNs: () => ns(425) });
    expect(verdicts(lostAt1000(long, midPath), survived)).toEqual(new Set(['box-timeout']));
  });

  test('dropped in silence: a restarted machine would answer, so each stays possible', () => {
    const holes = scattered.map((silent, i) =>
      unanswered({ silent, from: 1000 - silent, port: 40000 + i }),
    );
    expect(verdicts(holes)).toEqual(new Set(['possible-box-timeout']));
  });

  test('and one timeout hours before: the timeout is not drawn into the burst', () => {
    const before = lateReset({ silent: 350, from: 100, port: 50000 });
    const { judgements, bursts } = judge([...lostAt1000(scattered), before], scene({}));
    expect(bursts).toMatchObject([{ flows: 6 }]);
    expect(judgements[0]?.finding?.verdict).toBe('possible-box-timeout');
  });
});
