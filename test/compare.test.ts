/** `deadair compare`: the command on captures of the lab, and on reports made by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { type Comparison, ComparisonSchema } from '../src/report/compare/schema.ts';
import { said } from './kit/command.ts';
import { labFile } from './kit/lab.ts';
import { withFolder } from './kit/temporary.ts';

const inside = (scenario: string): string => labFile(scenario, 'inside.pcap');
const REJECT = inside('reject');
const SURVIVE = inside('survive');
const DNAT = inside('dnat-90');

const compare = (...args: readonly string[]) => said(['compare', '--shortest', '1s', ...args]);

async function compared(before: string, after: string): Promise<Comparison> {
  const { status, out, err } = await compare('--json', before, after);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const document = JSON.parse(out) as Comparison;
  expect([...Value.Errors(ComparisonSchema, document)]).toEqual([]);
  return document;
}

async function reportOf(capture: string, folder: string, name: string): Promise<string> {
  const { out } = await said(['read', '--json', '--shortest', '1s', capture]);
  const path = join(folder, name);
  writeFileSync(path, out);
  return path;
}

describe('two captures of the lab', () => {
  test('the same twice: still cut, nothing new, nothing worse', async () => {
    const { worse, newKills, paths } = await compared(DNAT, DNAT);
    expect({ worse, newKills }).toEqual({ worse: false, newKills: 0 });
    expect(paths).toMatchObject([
      { change: 'unchanged', matchedBy: 'id', timeout: 'same', rate: 'alike' },
    ]);
    expect(paths[0]?.before).toEqual(paths[0]?.after);
  });

  test('no kill afterwards proves nothing where no silence was long enough', async () => {
    const { worse, paths } = await compared(REJECT, SURVIVE);
    expect(worse).toBe(false);
    expect(paths).toMatchObject([
      { change: 'untested', survivedBeyond: { count: 0, longestSeconds: null } },
    ]);
  });

  test('kills where there were none are new', async () => {
    const { worse, newKills, paths } = await compared(SURVIVE, REJECT);
    expect({ worse, newKills }).toEqual({ worse: true, newKills: 16 });
    expect(paths).toMatchObject([{ change: 'worse', before: { killed: 0 } }]);
    expect(paths[0]?.newKillsListed).toHaveLength(16);
  });

  test('a report does for a capture, on either side', () =>
    withFolder(async (folder) => {
      const report = await reportOf(REJECT, folder, 'before.json');
      const fromReport = await compared(report, SURVIVE);
      const fromCapture = await compared(REJECT, SURVIVE);
      expect(fromReport.before).toMatchObject({ kind: 'report', killed: 16 });
      expect(fromReport.paths).toEqual(fromCapture.paths);
      const turned = await compared(SURVIVE, report);
      expect(turned).toMatchObject({ worse: true, newKills: 16 });
    }));

  test('paths of other servers have no partner', async () => {
    const { changes, paths, notes } = await compared(SURVIVE, DNAT);
    expect(changes).toMatchObject({ worse: 1, vanished: 1 });
    expect(paths.map(({ matchedBy }) => matchedBy)).toEqual([null, null]);
    expect(notes.join()).toContain('no path is in both');
  });

  test('kills on a path that BEFORE does not know are a note, and the exit status stays', async () => {
    const { status, out } = await compare('--fail-on-findings', SURVIVE, DNAT);
    expect(status).toBe(1);
    expect(out).toMatch(/^Nothing can be compared: no path is on both sides\.\n/);
    expect(out).not.toContain('worse');
    expect(out).toMatch(
      /\n {2}note +2 paths: 1 with new kills, 1 only in BEFORE\. \d+ new kills\.\n/,
    );
  });
});

describe('a NAT whose timeout was changed (6 s, 90 s)', () => {
  test.each(['dnat', 'mixed-reject'])(
    '%s: raised, it is better; lowered, it is worse',
    async (name) => {
      const [short, long] = [inside(name), inside(`${name}-90`)];
      expect(await compared(short, long)).toMatchObject({
        worse: false,
        newKills: 0,
        paths: [{ change: 'improved', timeout: 'longer' }],
      });
      const lowered = await compared(long, short);
      expect(lowered).toMatchObject({
        worse: true,
        paths: [{ change: 'worse', timeout: 'shorter' }],
      });
      expect(lowered.newKills).toBe(lowered.paths[0]?.after?.killed);
    },
  );
});

describe('the command', () => {
  test('exit status 1 comes only with --fail-on-findings, and only when something got worse', async () => {
    expect((await compare('--fail-on-findings', SURVIVE, REJECT)).status).toBe(1);
    expect((await compare(SURVIVE, REJECT)).status).toBe(0);
    expect((await compare('--fail-on-findings', REJECT, SURVIVE)).status).toBe(0);
    expect((await compare('--fail-on-findings', REJECT, REJECT)).status).toBe(0);
  });

  test('says in text what it comes to', async () => {
    const { out } = await compare(SURVIVE, REJECT);
    expect(out).toMatch(/^Something got worse\. 1 path: 1 worse\. 16 new kills\.\n/);
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toContain('16 kills where none was before');
    expect(text).toContain('before timeout at least 4.4 s; 0 kills, 48 survivors');
    expect(out.split('\n').every((line) => line.length <= 100 || line.includes('/'))).toBe(true);
  });

  test('prints its schema', async () => {
    const { out } = await said(['schema', 'compare']);
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(ComparisonSchema)));
  });

  test('has a help that names its exit statuses', async () => {
    const { status, out } = await said(['compare', '--help']);
    expect(status).toBe(0);
    expect(out).toContain('1 something got worse, with --fail-on-findings');
  });

  test.each([
    [['compare', SURVIVE], 2, 'E_USAGE'],
    [['compare', '-', SURVIVE], 2, 'E_USAGE'],
    [['compare', '--frobnicate', SURVIVE, SURVIVE], 2, 'E_USAGE'],
    [['compare', SURVIVE, '/nowhere/x.json'], 3, 'E_INPUT_MISSING'],
    [['compare', labFile('survive', 'truth.json'), SURVIVE], 3, 'E_INPUT_FORMAT'],
  ])('%j exits with %i', async (args, exit, code) => {
    const { status, out, err } = await said(args);
    expect({ status, out }).toEqual({ status: exit, out: '' });
    expect(err).toContain(`(${code})`);
  });

  test('a report that is cut off, or of another kind, is refused', () =>
    withFolder(async (folder) => {
      const whole = readFileSync(await reportOf(SURVIVE, folder, 'whole.json'), 'utf8');
      for (const text of [
        whole.slice(0, whole.length / 2),
        '{"schema":"deadair.compare/1"}',
        '{}',
        '{ [',
      ]) {
        const path = join(folder, 'odd.json');
        writeFileSync(path, text);
        const { status, err } = await compare(path, SURVIVE);
        expect(status).toBe(3);
        expect(err).toContain('(E_INPUT_FORMAT)');
      }
    }));
});
