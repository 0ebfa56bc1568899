/**
 * The same traffic gives the same findings: however it is split into shards or files, whatever file format holds it,
 * whatever link layer or tunnel it travelled in. Tried on lives made at random and on captures of the lab.
 *
 * What may differ says so: in a tunnel a finding has another id (the tunnel is part of what is seen), and frame
 * numbers count in their own file. A shorter snaplen takes the TCP options away, and what they prove with them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Analysis } from '../src/report/analysis.ts';
import { analyseFiles, type Asked, deadair, seen } from './kit/analyse.ts';
import { captureFile, type FileShape } from './kit/capture-file.ts';
import type { Frame } from './kit/frame.ts';
import { labFile } from './kit/lab.ts';
import { canCarry, type LinkName, recorded } from './kit/link-layer.ts';
import { pictures } from './kit/lives.ts';
import { framesOf } from './kit/picture.ts';
import { readCapture } from './kit/read-capture.ts';
import { isIp, onVlans, TUNNEL_NAMES, tunnelled, unwrapped } from './kit/rewrap.ts';
import { withFolder } from './kit/temporary.ts';

const RUNS = process.env['DEADAIR_LONG'] === '1' ? 300 : 25;

const LAB = [
  'reject',
  'drop',
  'expiry-reset',
  'keepalive-reject',
  'mixed-reject',
  'haproxy',
  'v6-reject',
];
const LAB_ASKED: Asked = { shortestSeconds: 1 };

/** Whole microseconds, so that no resolution rounds. */
const wholeMicroseconds = (frame: Frame): Frame => ({
  ...frame,
  atNs: (frame.atNs / 1000n) * 1000n,
});

const labFrames = (scenario: string, file = 'inside.pcap'): readonly Frame[] =>
  readCapture(readFileSync(labFile(scenario, file)))
    .map(unwrapped)
    .filter(isIp)
    .map(wholeMicroseconds);

const bytesOf = (
  frames: readonly Frame[],
  link: LinkName = 'ethernet',
  shape: FileShape = {},
): Buffer =>
  captureFile(
    frames.map((frame) => recorded(frame, link, shape.snaplen)),
    shape,
  );

/** Files in this order, analysed as one time line. */
function analysed(files: readonly Uint8Array[], asked: Asked = {}): Promise<Analysis> {
  return withFolder((folder) => {
    const paths = files.map((bytes, i) => {
      const path = join(folder, `${i}.cap`);
      writeFileSync(path, bytes);
      return path;
    });
    return analyseFiles(paths, asked);
  });
}

/** Everything that was found, but for frame numbers. */
function told({ findings, silences, resetsByCause, bursts }: Analysis): unknown {
  const plain = findings.map(seen).map(({ flow, ...rest }) => ({
    flow: { originator: flow.originator, responder: flow.responder },
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'record')),
  }));
  return {
    plain,
    silences,
    resetsByCause,
    bursts: bursts.map(({ flows, reading }) => ({ flows, reading })),
  };
}

const withoutIds = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner) => {
      if (key === 'id') return undefined;
      return typeof inner === 'bigint' ? inner.toString() : (inner as unknown);
    }),
  );

/** A claim about frames, tried on random lives and on the lab. */
function holds(
  claim: (frames: readonly Frame[], asked: Asked) => Promise<void>,
): () => Promise<void> {
  return async () => {
    for (const scenario of LAB) await claim(labFrames(scenario), LAB_ASKED);
    const property = fc.asyncProperty(pictures, (picture) => claim(framesOf(picture), {}));
    await fc.assert(property, { numRuns: RUNS, seed: 20_260_101, endOnFailure: true });
  };
}

describe('the file', () => {
  const SHAPES: readonly FileShape[] = [
    { byteOrder: 'big' },
    { resolution: 'ns' },
    { byteOrder: 'big', resolution: 'ns' },
    { format: 'pcapng' },
    { format: 'pcapng', byteOrder: 'big' },
    { format: 'pcapng', resolution: 'ns' },
  ];

  test.each(SHAPES)('%o changes nothing', async (shape) => {
    await holds(async (frames, asked) => {
      const plain = told(await analysed([bytesOf(frames)], asked));
      expect(told(await analysed([bytesOf(frames, 'ethernet', shape)], asked))).toEqual(plain);
    })();
  });

  test(
    'gzip changes nothing',
    holds(async (frames, asked) => {
      const bytes = bytesOf(frames);
      const plain = told(await analysed([bytes], asked));
      expect(told(await analysed([gzipSync(bytes)], asked))).toEqual(plain);
    }),
  );

  test(
    'a snaplen that keeps the headers and their options changes nothing',
    holds(async (frames, asked) => {
      const plain = told(await analysed([bytesOf(frames)], asked));
      expect(told(await analysed([bytesOf(frames, 'ethernet', { snaplen: 134 })], asked))).toEqual(
        plain,
      );
    }),
  );
});

/** Places to cut: never between two packets of one time, whose order no clock tells. */
function pieces(frames: readonly Frame[], cuts: readonly number[]): readonly (readonly Frame[])[] {
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * frames.length)))]
    .filter((place) => frames[place - 1]?.atNs !== frames[place]?.atNs)
    .sort((a, b) => a - b);
  return [0, ...places].map((from, i) => frames.slice(from, places[i] ?? frames.length));
}

const cutsOf = fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), {
  minLength: 1,
  maxLength: 6,
});

describe('rotation', () => {
  async function splitting(
    frames: readonly Frame[],
    cuts: readonly number[],
    asked: Asked,
  ): Promise<void> {
    const plain = told(await analysed([bytesOf(frames)], asked));
    const files = pieces(frames, cuts).map((piece) => bytesOf(piece));
    expect(told(await analysed(files, asked))).toEqual(plain);
    expect(told(await analysed([...files].reverse(), asked))).toEqual(plain);
  }

  test('split between any packets, named in any order: one time line', async () => {
    const property = fc.asyncProperty(pictures, cutsOf, (picture, cuts) =>
      splitting(framesOf(picture), cuts, {}),
    );
    await fc.assert(property, { numRuns: RUNS, seed: 20_260_102, endOnFailure: true });
    for (const scenario of LAB) {
      const onLab = fc.asyncProperty(cutsOf, (cuts) =>
        splitting(labFrames(scenario), cuts, LAB_ASKED),
      );
      await fc.assert(onLab, { numRuns: 3, seed: 20_260_103 });
    }
  });

  test('two interfaces stay two through every file of a rotated pcapng', async () => {
    const frames = labFrames('reject', 'gateway.pcapng');
    const shape: FileShape = { format: 'pcapng', points: ['in0', 'out0'] };
    const plain = told(await analysed([bytesOf(frames, 'ethernet', shape)], LAB_ASKED));
    const property = fc.asyncProperty(cutsOf, async (cuts) => {
      const files = pieces(frames, cuts).map((piece) => bytesOf(piece, 'ethernet', shape));
      expect(told(await analysed(files, LAB_ASKED))).toEqual(plain);
    });
    await fc.assert(property, { numRuns: 10, seed: 20_260_104 });
  });
});

describe('the link layer', () => {
  const LINKS: readonly LinkName[] = ['sll', 'sll2', 'raw', 'null', 'loop', 'ppp'];

  test.each(LINKS)('%s changes nothing', async (link) => {
    await holds(async (frames, asked) => {
      const carried = frames.filter((frame) => canCarry(link, frame));
      const plain = told(await analysed([bytesOf(carried)], asked));
      expect(told(await analysed([bytesOf(carried, link)], asked))).toEqual(plain);
    })();
  });

  test.each([[[100]], [[200, 7]]])('VLAN tags %j change nothing', async (vlans) => {
    await holds(async (frames, asked) => {
      const plain = told(await analysed([bytesOf(frames)], asked));
      const tagged = frames.map((frame) => onVlans(frame, ...vlans));
      expect(told(await analysed([bytesOf(tagged)], asked))).toEqual(plain);
    })();
  });

  test.each(TUNNEL_NAMES)('a %s tunnel changes only the ids', async (tunnel) => {
    await holds(async (frames, asked) => {
      const plain = withoutIds(told(await analysed([bytesOf(frames)], asked)));
      const inside = frames.map((frame) => tunnelled(frame, tunnel));
      expect(withoutIds(told(await analysed([bytesOf(inside)], asked)))).toEqual(plain);
    })();
  });
});

describe('shards', () => {
  /** Everything, frame numbers included; the table's memory is per shard. */
  const whole = (analysis: Analysis): unknown => {
    const { tableBytes: _, ...counters } = analysis.counters;
    return { ...analysis, counters };
  };

  test.each([
    ['mixed-reject', [1, 2, 3]],
    ['restart-mixed', [2, 7, 64]],
    ['haproxy', [3]],
    ['survive', [2]],
  ] as const)('%s by %j workers is the same analysis', async (scenario, counts) => {
    const path = labFile(scenario, 'gateway.pcapng');
    const plain = whole(await analyseFiles([path], { ...LAB_ASKED, workers: 0 }));
    for (const workers of counts) {
      expect(whole(await analyseFiles([path], { ...LAB_ASKED, workers }))).toEqual(plain);
    }
  });

  test('the report is the same to the byte', async () => {
    const read = ['read', '--json', '--shortest', '1s', labFile('restart-mixed', 'inside.pcap')];
    const plain = await deadair([...read, '--workers', '0']);
    expect(plain.exit).toBe(0);
    for (const workers of ['1', '3']) {
      expect((await deadair([...read, '--workers', workers])).stdout).toBe(plain.stdout);
    }
  }, 120_000);
});
