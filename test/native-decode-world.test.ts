/**
 * The decoder against tshark, frame by frame and field by field, on captures that other projects ship with their tests.
 */
import { beforeAll, expect, test } from 'vitest';
import { haveShared, type Indexed, indexed, WHERE } from './kit/shared.ts';
import { differences } from './native-decode-agreement.ts';
import { type Decoded, decodedFile, decodeProgram } from './native-decode-lines.ts';
import { type TsharkRow, tsharkRows } from './native-decode-tshark.ts';

/** Differences that are right, by what tshark says of the frame. */
const EXCUSES: readonly {
  readonly because: string;
  readonly holds: (ours: Decoded, row: TsharkRow) => boolean;
}[] = [
  {
    because: 'a protocol that carries samples or compressed packets, not a tunnel',
    holds: (_, row) => /:sflow|:ipcomp/.test(row['frame.protocols']),
  },
  { because: 'no decoder for this link type', holds: ({ fate }) => fate === 'link-type-unknown' },
  {
    because:
      'an IP length beyond the frame is a cut capture to us, bogus and the frame’s to tshark',
    holds: ({ payload }, row) => Number(row['frame.len']) < payload + 40,
  },
  {
    because: 'tshark shows the ports of a header whose data offset it then calls bogus',
    holds: ({ fate }) => fate === 'malformed-tcp',
  },
];

/** Files, and why the two differ in them. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'google+gopacket__pcapgo__tests__be__test102.pcapng': 'tshark numbers custom blocks, too',
  'google+gopacket__pcapgo__tests__le__test102.pcapng': 'tshark numbers custom blocks, too',
  'zeek+zeek__testing__btest__Traces__tunnels__gtp__gtp2_different_udp_port.pcap':
    'the outer IP packet is a first fragment: the length is the inner IP header’s, not what the fragment holds',
  'zeek+zeek__testing__btest__Traces__tunnels__gtp__gtp9_unknown_or_too_short_payload.pcap':
    'the same: tunnelled packets cut by outer fragmentation',
};

let program: string;
beforeAll(async () => {
  program = await decodeProgram();
}, 240_000);

/** Frames compared, and what was unlike in them. */
interface Compared {
  readonly frames: number;
  readonly unlike: readonly string[];
}

async function compared({ file, path }: Indexed): Promise<Compared> {
  const rows = await tsharkRows(path);
  const lines = await decodedFile(program, path);
  if (rows === null || lines === null || file in EXCEPTIONS) return { frames: 0, unlike: [] };
  if (rows.length !== lines.length)
    return { frames: 0, unlike: [`${file}: ${lines.length} frames, tshark ${rows.length}`] };
  const unlike = lines.flatMap((line, i) => {
    const row = rows[i];
    if (row === undefined) return [];
    const found = differences(line, row);
    const excused = found.length === 0 || EXCUSES.some(({ holds }) => holds(line, row));
    return excused ? [] : [`${file} frame ${line.frame}: ${found.join('; ')}`];
  });
  return { frames: lines.length, unlike };
}

/** Two at a time: tshark takes a third of a second a file. */
async function comparedAll(files: readonly Indexed[]): Promise<Compared> {
  const left = [...files];
  const found: Compared[] = [];
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop())
      found.push(await compared(next));
  };
  await Promise.all([worker(), worker()]);
  return {
    frames: found.reduce((sum, { frames }) => sum + frames, 0),
    unlike: found.flatMap(({ unlike }) => unlike).sort(),
  };
}

/** tshark starts 300 times for all of them: the short run takes every fourth file, the long one all. */
const every = process.env['DEADAIR_LONG'] === '1' ? 1 : 4;

test('every frame that both can read decodes as tshark decodes it', {
  timeout: 1_200_000,
}, async (ctx) => {
  ctx.skip(!haveShared, WHERE);
  const files = indexed('world').filter((_, i) => i % every === 0);
  const { frames, unlike } = await comparedAll(files);
  expect(unlike).toEqual([]);
  expect(frames).toBeGreaterThan(40_000 / every / 2);
});
