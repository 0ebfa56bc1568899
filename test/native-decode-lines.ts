/** What test/native/decode_main.cc prints, as objects; and frames made by hand on their way there. */
import type { Recorded } from './kit/frame.ts';
import { captureFile } from './kit/capture-file.ts';
import { withFile } from './kit/temporary.ts';
import { nativeProgram, run } from './native-program.ts';

export interface Decoded {
  readonly frame: number;
  readonly fate: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  /** Of an ICMP quote: type and code, and nothing behind them. */
  readonly icmp: readonly [number, number] | null;
  readonly ack: number;
  readonly flags: number;
  readonly window: number;
  readonly payload: number;
  readonly ttl: number;
  readonly ipId: number;
  readonly tsval: string;
  readonly vlan: number;
  readonly tunnelKind: number;
  readonly tunnelId: number;
  readonly bits: number;
  readonly windowScale: number;
}

/** PacketBit:: of native/packet.h. */
export const BIT = { dontFragment: 1, lengthUnknown: 2, quoteHasSeq: 4 } as const;

function decodedOf(line: string): Decoded {
  const cells = line.split('\t');
  const number = (at: number): number => Number(cells[at] ?? 0);
  const quote = cells[1] === 'icmp-quote';
  return {
    frame: number(0),
    fate: cells[1] ?? '',
    source: cells[2] ?? '',
    destination: cells[3] ?? '',
    sourcePort: number(4),
    destinationPort: number(5),
    seq: number(6),
    icmp: quote ? [number(7), number(8)] : null,
    ack: quote ? 0 : number(7),
    flags: quote ? 0 : number(8),
    window: number(9),
    payload: number(10),
    ttl: number(11),
    ipId: number(12),
    tsval: cells[13] ?? '',
    vlan: number(14),
    tunnelKind: number(15),
    tunnelId: number(16),
    bits: number(17),
    windowScale: number(18),
  };
}

export const decodeProgram = (): Promise<string> =>
  nativeProgram('test/native/decode_main.cc', ['native/decode', 'native/source']);

/** Null where the file cannot be opened. A sanitizer's complaint is an error. */
export async function decodedFile(
  program: string,
  path: string,
): Promise<readonly Decoded[] | null> {
  const { status, stdout, stderr } = await run(program, [path]);
  if (/Sanitizer|runtime error/.test(stderr) || status < 0 || status > 1) throw new Error(stderr);
  if (status === 1) return null;
  return stdout.split('\n').slice(1, -1).map(decodedOf);
}

export interface HandMade {
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** Bytes on the wire, where a snaplen cut some off. */
  readonly onWire?: number;
}

const recordOf = ({ linkType, bytes, onWire }: HandMade): Recorded => ({
  atNs: 1_700_000_000_000_000_000n,
  point: '',
  linkType,
  bytes,
  onWire: onWire ?? bytes.length,
});

/** A pcapng file, since only that can hold several link types. */
export const withCapture = <T>(
  frames: readonly HandMade[],
  use: (path: string) => Promise<T>,
): Promise<T> =>
  withFile('frames.pcapng', captureFile(frames.map(recordOf), { format: 'pcapng' }), use);

export const decodedFrames = (
  program: string,
  frames: readonly HandMade[],
): Promise<readonly Decoded[]> =>
  withCapture(frames, async (path) => {
    const lines = await decodedFile(program, path);
    if (lines === null) throw new Error('the capture could not be opened');
    return lines;
  });
