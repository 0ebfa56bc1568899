import { describe, expect, test } from 'vitest';
import type { Analysis } from '../../src/report/analysis.ts';
import { reportText } from '../../src/report/text/report-text.ts';
import { pageFor } from '../../src/report/text/surface.ts';
import { ns } from '../judge/records.ts';
import { analysis, death, path, source, twelve } from './analyses.ts';

const piped = (found: Analysis): string =>
  reportText(found, pageFor({ columns: null, colour: true }));
const terminal = (found: Analysis, columns: number): string =>
  reportText(found, pageFor({ columns, colour: true }));

/** A paragraph may be wrapped anywhere. */
const flowing = (text: string): string => text.replaceAll(/\s+/g, ' ');

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour is made of them
const SGR = /\u001b\[[\d;]*m/g;

/** The numbers of a tally: those above its rule, and the one below. */
function tallyUnder(text: string, heading: string): { parts: number[]; sum: number } {
  const section = text.slice(text.indexOf(heading)).split('\n\n')[0] ?? '';
  const numbers = [...section.matchAll(/^ +([\d,]+) {2}/gm)].map(([, n = '']) =>
    Number(n.replaceAll(',', '')),
  );
  return { parts: numbers.slice(0, -1), sum: numbers.at(-1) ?? Number.NaN };
}

describe('the text report', () => {
  test('begins with the answer: who died, by what, after how long', () => {
    const answer = flowing(piped(analysis(twelve())).split('\n\n')[0] ?? '');
    expect(answer).toContain(
      '12 connections to 198.51.100.9:27017 died while silent: a box in the path',
    );
    expect(answer).toContain('after at most 108.5 s of silence');
    expect(answer).toContain('nothing silent for 58 s or less was cut');
  });

  test('says between which silences the idle timeout lies, and what to send before it', () => {
    const text = flowing(piped(analysis(twelve())));
    expect(text).toContain(
      'the longest silence that survived (58 s) and the shortest that was killed (108.5 s)',
    );
    expect(text).toContain('let one end send something before 58 s of silence');
    expect(text).toContain('TCP keepalive');
  });

  test('claims no lower bound where nothing survived', () => {
    const deaths = twelve();
    const lonely = path(deaths, { survived: 0, longestSurvivedNs: null });
    const text = flowing(piped(analysis(deaths, { paths: [lonely] })));
    expect(text).toContain('somewhere below 108.5 s');
    expect(text).not.toContain('or less was cut');
  });

  test('says so where survivors contradict the kills', () => {
    const deaths = twelve();
    const odd = path(deaths, { longestSurvivedNs: ns(300) });
    const text = flowing(piped(analysis(deaths, { paths: [odd] })));
    expect(text).toContain('yet one of 300 s survived');
    expect(text).toContain('contradict each other');
  });

  test('calls nothing proven that is only possible', () => {
    const perhaps = [death({ id: 'f_1', verdict: 'possible-box-timeout', confidence: 0.4 })];
    const text = flowing(piped(analysis(perhaps)));
    expect(text).toContain('cannot prove that a box cut it');
    expect(text).not.toContain('Proof');
    expect(text).toContain('if it is a box');
  });

  test('what the server itself sent is no proof of a box: the threshold settles it', () => {
    const emitter = { is: 'endpoint', because: ['TTL 62, as the responder has'] } as const;
    const threshold = {
      fact: 'on this path 12 of 12 silences beyond 58 s were killed, and 16 of 16 up to it survived',
      speaksFor: 'box-timeout',
      weight: 0.6,
    } as const;
    const remapped = twelve().map((one) => ({
      ...one,
      emitter,
      evidence: [...one.evidence, threshold],
    }));
    const text = flowing(piped(analysis(remapped)));
    expect(text).toContain(`Settled by ${threshold.fact}. The reset itself proves no box: TTL 62`);
    expect(text).toContain('when a NAT maps the connection to a new port');
    expect(text).not.toContain('Proof');
  });

  test('gives no keepalive advice against a timer of an application or a proxy', () => {
    const timed = [death({ id: 'f_1', verdict: 'endpoint-timer' })];
    const text = flowing(piped(analysis(timed)));
    expect(text).toContain('TCP keepalive does not help there');
    expect(text).not.toContain('What to do');
  });

  test('takes an unasked reset for the end of the timer itself', () => {
    const exact = [90, 90.1].map((silent, i) =>
      death({ id: `f_${i}`, port: 40_000 + i, silent, signature: 'expiry-reset', trigger: 'none' }),
    );
    const text = flowing(piped(analysis(exact)));
    expect(text).toContain('It does so by itself after 90 s to 90.1 s of silence');
    expect(text).not.toContain('speaking first');
    expect(text).not.toContain('may be lower still');
  });

  test('tells whoever has keepalive on that it comes too late', () => {
    const probed = [death({ id: 'f_1', signature: 'keepalive-reset', trigger: 'keepalive' })];
    const text = flowing(piped(analysis(probed)));
    expect(text).toContain('Keepalive is on here, but its first probe comes too late');
  });

  test('does not call empty what it could not look into', () => {
    const flows = { seen: 0, established: 0, midStream: 0 };
    const { counters } = analysis([]);
    const odd = source({ frames: 5, fates: { 'link-type-unknown': 5 } });
    const text = flowing(piped(analysis([], { counters: { ...counters, flows }, sources: [odd] })));
    expect(text).toContain('5 packets could not be looked into');
  });

  test('tells a burst in one line', () => {
    const lost = [
      death({ id: 'f_1', verdict: 'burst' }),
      death({ id: 'f_2', verdict: 'burst', port: 40_001 }),
    ];
    const reading = 'server 198.51.100.9 restarted';
    const bursts = [{ atNs: ns(1_000_350), flows: 2, reading, findingIds: ['f_1', 'f_2'] }];
    const text = piped(analysis(lost, { bursts }));
    expect(text.split('\n').filter((line) => line.includes(reading))).toHaveLength(1);
    expect(flowing(text)).toContain('that is no timeout');
  });

  test('says that all is well when nothing died, and how long the longest silence was', () => {
    const text = flowing(
      piped(analysis([], { paths: [path([], { longestSurvivedNs: ns(867) })] })),
    );
    expect(text).toContain('No connection was found that died while silent');
    expect(text).toContain('The longest that survived lasted 867 s');
  });

  test('lists a few deaths and counts the rest', () => {
    const many = Array.from({ length: 400 }, (_, i) =>
      death({ id: `f_${i}`, from: i, port: 20_000 + i }),
    );
    const text = piped(analysis(many));
    expect(text).toContain('and 388 more');
    expect(text.split('\n').length).toBeLessThan(80);
  });

  test('ends with every reset by cause, and they add up', () => {
    const text = piped(analysis(twelve()));
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    expect(last).toMatch(/^Resets explained/);
    const { parts, sum } = tallyUnder(text, 'Resets explained');
    expect(parts).toEqual([12, 2]);
    expect(sum).toBe(14);
  });

  describe('resets that came without a silence of --shortest', () => {
    const counted = (resets: Partial<Analysis['counters']['resets']>) => {
      const { counters } = analysis([]);
      return { ...counters, resets: { ...counters.resets, ...resets } };
    };
    const talking = (changes: Partial<Analysis> = {}): Analysis =>
      analysis([], {
        counters: counted({ noSilence: 16 }),
        resetsByCause: { 'no-silence': 16 },
        ...changes,
      });
    const aborts = (early: number) => ({
      counters: counted({ abort: early }),
      resetsByCause: { abort: 16 },
    });

    test('are said to be just that, and not to be ruled out', () => {
      const text = flowing(piped(talking()));
      expect(text).toContain('died while silent for 20 s or more.');
      expect(text).toContain('16 no-silence no silence of 20 s or more before it');
      expect(text).toContain('shorter silences are not looked at: try --shortest 1s.');
    });

    test('where round trips were long, a silence may have been too short for them', () => {
      const slow = talking({ counters: counted({ noSilence: 15 }) });
      expect(flowing(piped(talking()))).not.toContain('ten round trips');
      expect(flowing(piped(slow))).toContain('or one of less than ten round trips');
    });

    test('aborts among them as well', () => {
      const text = flowing(piped(talking(aborts(16))));
      expect(text).toContain(
        "no silence of 20 s or more before it, and in the form of a live program's own reset",
      );
      expect(text).toContain('16 resets came without so long a silence before them');
    });

    test('an abort after a silence has been looked at', () => {
      const late = flowing(piped(talking(aborts(0))));
      expect(late).toContain("after a silence, but in the form of a live program's own reset");
      expect(late).not.toContain('try --shortest');
      const mixed = flowing(piped(talking(aborts(4))));
      expect(mixed).toContain('4 had no silence of 20 s or more before them, 12 after a silence');
      expect(mixed).toContain('4 resets came without so long a silence');
    });

    test('no hint where something was found, or where shorter ones were looked at', () => {
      const found = analysis(twelve(), { resetsByCause: { 'late-reset': 12, 'no-silence': 3 } });
      expect(flowing(piped(found))).not.toContain('try --shortest');
      const looked = flowing(piped(talking({ shortestNs: ns(1) })));
      expect(looked).not.toContain('try --shortest');
      expect(looked).toContain('no silence of 1 s or more before it');
    });
  });

  test('says so where --filter left nothing to look at', () => {
    const none = { ...analysis([]).counters, flows: { seen: 0, established: 0, midStream: 0 } };
    const filtered = (packets: number): string =>
      flowing(
        piped(
          analysis([], { counters: none, sources: [source({ filtered: packets })], paths: [] }),
        ),
      );
    expect(filtered(240)).toMatch(
      /^There is nothing to look at: of 240 packets none matched --filter\./,
    );
    expect(filtered(230)).toMatch(
      /^There is no TCP connection in what matched --filter \(10 of 240/,
    );
    expect(filtered(0)).toMatch(/^There is no TCP connection in this capture\./);
  });

  test('accounts for every silence', () => {
    const { parts, sum } = tallyUnder(piped(analysis(twelve())), 'Silences of');
    expect(parts).toEqual([16, 12, 1]);
    expect(sum).toBe(29);
  });

  test('says what was left aside, what was lost, and where reading stopped', () => {
    const cut = source({
      complete: false,
      dropped: 17,
      problem: {
        code: 'E_INPUT_TRUNCATED',
        what: 'the file ends inside a packet',
        atByte: 4711,
        atFrame: 240,
      },
    });
    const text = flowing(piped(analysis(twelve(), { sources: [cut], blindSeconds: [3.5] })));
    expect(text).toContain('not read to its end');
    expect(text).toContain('10 not TCP');
    expect(text).toContain('17 packets lost');
    expect(text).toContain('blind for 3.5 s');
    expect(text).toContain(
      'byte 4,711, after 240 packets: the file ends inside a packet (E_INPUT_TRUNCATED)',
    );
  });
});

describe('on a surface', () => {
  test('a pipe gets no control character but line ends', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(piped(analysis(twelve()))).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test('a terminal gets colour, and the same words', () => {
    const painted = terminal(analysis(twelve()), 100);
    expect(painted).toMatch(SGR);
    expect(painted.replaceAll(SGR, '')).toBe(piped(analysis(twelve())));
  });

  test.each([80, 120])('no line is wider than the terminal at %i columns', (columns) => {
    const six = [
      death({
        id: 'f_6',
        record: {
          originatorAddress: '2001:db8:1::2',
          responderAddress: '2001:db8:3::9',
          ipVersion: 6,
        },
      }),
    ];
    const found = analysis([...twelve(), ...six], {
      paths: [
        path(twelve()),
        path(six, { id: 'p_6', responderAddress: '2001:db8:3::9', ipVersion: 6 }),
      ],
    });
    const lines = terminal(found, columns).replaceAll(SGR, '').split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  test('columns stand under their titles', () => {
    const lines = piped(analysis(twelve())).split('\n');
    const head = lines.findIndex((line) => line.includes('connection from'));
    const at = (title: string): number => (lines[head] ?? '').indexOf(title);
    for (const row of lines.slice(head + 1, head + 13)) {
      expect(row.slice(at('connection from'))).toMatch(/^192\.0\.2\.10:/);
      expect(row.slice(at('how'))).toMatch(/^late-reset/);
      expect(row.slice(at('verdict'))).toMatch(/^box timeout/);
      expect(row.slice(0, at('silent') + 'silent'.length)).toMatch(/ s$/);
    }
  });

  test('a hostile file name cannot steer the terminal', () => {
    const name = 'a\u001b]0;owned\u0007\u009b31m\u202efdp.pcap\nfake line';
    const text = terminal(analysis([], { sources: [source({ name })] }), 100).replaceAll(SGR, '');
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u009b');
    expect(text).not.toContain('\u202e');
    expect(text).toContain('a\\x1b]0;owned\\x07\\x9b31m\\u{202e}fdp.pcap\\x0afake line');
  });
});
