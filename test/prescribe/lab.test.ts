/** The cure of captures whose truth is known: keepalive below T, none where it would not help. */
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../src/base/units.ts';
import { analyse } from '../../src/pipeline.ts';
import { report } from '../../src/report/document.ts';
import { reportText } from '../../src/report/text/report-text.ts';
import { pageFor } from '../../src/report/text/surface.ts';
import { labFile, truthOf } from '../kit/lab.ts';

const analysed = (scenario: string, file = 'inside.pcap') =>
  analyse({ paths: [labFile(scenario, file)], shortestNs: 1_000_000_000n, workers: 0 });

const whatIfs = (...texts: string[]): bigint[] => texts.map((text) => parseDuration(text) ?? 0n);

async function pathsOf(scenario: string, file?: string, ...whatIf: string[]) {
  const { paths } = report(await analysed(scenario, file), 0, whatIfs(...whatIf));
  return paths.filter(({ killed, timerRemedy }) => killed > 0 || timerRemedy !== null);
}

describe('where a box of known T cuts', () => {
  test.each([
    ['dnat-90', 'client.pcap'],
    ['mixed-reject-90', 'inside.pcap'],
    ['reject', 'inside.pcap'],
    ['drop', 'inside.pcap'],
    ['v6-reject', 'inside.pcap'],
    ['expiry-reset', 'inside.pcap'],
    ['keepalive-drop', 'inside.pcap'],
  ])('in %s the first probe and the next come before T', async (scenario, file) => {
    const [path] = await pathsOf(scenario, file);
    const { keepaliveTimeSeconds: idle = 0, keepaliveIntervalSeconds: interval = 0 } =
      path?.remedy ?? {};
    expect(idle).toBeGreaterThan(0);
    expect(idle + interval).toBeLessThan(truthOf(scenario).nat_timeout_s);
    expect(path?.remedy?.stack).toBe('MongoDB');
  });

  test('keepalive of 60 s would have saved all, of 100 s none', async () => {
    const [path] = await pathsOf('dnat-90', 'client.pcap', '60s', '100s');
    expect(path?.whatIf).toMatchObject([
      { keepaliveSeconds: 60, saved: 12, lost: 0, uncertain: 0 },
      { keepaliveSeconds: 100, saved: 0, lost: 12, uncertain: 0 },
    ]);
  });

  test('only silent drops get TCP_USER_TIMEOUT', async () => {
    const userTimeout = async (scenario: string) =>
      (await pathsOf(scenario))[0]?.remedy?.userTimeoutSeconds;
    expect(await userTimeout('reject')).toBeNull();
    expect(await userTimeout('drop')).toBeGreaterThan(0);
  });

  test('probes slower than T are said to be too late, and the cure is provisional', async () => {
    const [path] = await pathsOf('keepalive-drop');
    expect(path?.keepalive).toMatchObject({ crossed: false, effective: false, diedAtProbe: 16 });
    expect(path?.remedy).toMatchObject({ provisional: true, basis: 'third-of-bound' });
  });

  test('probes that kept connections alive are seen beside deaths without any', async () => {
    const [path] = await pathsOf('mixed-reject-90');
    expect(path?.keepalive).toMatchObject({ crossed: true, diedAtProbe: 0 });
    expect(path?.keepalive.silencesSaved).toBeGreaterThan(0);
    expect(path?.keepalive.seenEverySeconds).toBeLessThan(90);
  });
});

describe('where keepalive would not help', () => {
  test.each(['haproxy', 'app'])(
    'in %s none is advised, nor said to save anything',
    async (scenario) => {
      const paths = await pathsOf(scenario, 'inside.pcap', '2s');
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) {
        expect(path.remedy).toBeNull();
        expect(path.timerRemedy?.lines.length).toBeGreaterThan(0);
        expect(path.whatIf).toMatchObject([{ saved: 0 }]);
      }
    },
  );

  test('where nothing died nothing is advised', async () => {
    expect(await pathsOf('survive')).toEqual([]);
  });
});

test.each([80, 120])(
  'the text of dnat-90 fits %d columns and can be copied from',
  async (columns) => {
    const page = pageFor({ columns, colour: false });
    const text = reportText(await analysed('dnat-90', 'client.pcap'), page, whatIfs('60s'));
    const lines = text.split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(
      lines.filter((line) => /sysctl -w net\.ipv4\.tcp_keepalive_\w+=\d+$/.test(line)),
    ).toHaveLength(3);
    expect(text).toContain('What keepalive would have saved');
  },
);
