/**
 * A cable of the test's own: a veth pair between two namespaces. On one end deadair watches, on the other a picture is
 * played as it is drawn, second by second. Nothing else speaks on it, so that frames can be counted.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pictureFile } from '../kit/analyse.ts';
import type { PictureOptions } from '../kit/picture.ts';
import { withFolder } from '../kit/temporary.ts';
import { freshPrefix, ip, output, setSysctls, sweep, whyNoLab, within } from '../lab/namespaces.ts';

/** Why there can be no cable here, or null. */
export const whyNoCable = whyNoLab;

/** Where the watched end is called w0, and the far one s0. */
export interface Cable {
  readonly watched: string;
  readonly far: string;
  readonly folder: string;
  /** Lays the cable again, after its end was deleted. */
  readonly lay: () => Promise<void>;
}

const QUIET = { 'net/ipv6/conf/all/disable_ipv6': 1, 'net/ipv6/conf/default/disable_ipv6': 1 };

export async function withCable<T>(use: (cable: Cable) => Promise<T>): Promise<T> {
  await sweep();
  const prefix = freshPrefix();
  const [watched, far] = [`${prefix}watched`, `${prefix}far`];
  const lay = async (): Promise<void> => {
    await ip([`link add w0 netns ${watched} type veth peer name s0 netns ${far}`]);
    await ip(['link set w0 up'], watched);
    await ip(['link set s0 up'], far);
  };
  try {
    await ip([`netns add ${watched}`, `netns add ${far}`]);
    for (const end of [watched, far]) await setSysctls(end, QUIET);
    await lay();
    return await withFolder((folder) => use({ watched, far, folder, lay }));
  } finally {
    for (const end of [watched, far]) await output('ip', ['netns', 'delete', end]).catch(() => '');
  }
}

let played = 0;

/** Plays the picture at its own pace; the frames that were sent. */
export async function play(
  { far, folder }: Cable,
  picture: string,
  options: PictureOptions = {},
): Promise<number> {
  const file = join(folder, `${++played}.pcap`);
  writeFileSync(file, pictureFile(picture, options));
  return replay(far, ['-i', 's0', file]);
}

/** Up to this second of the picture, then whatever is to happen in its silence, then the rest; the frames that were sent. */
export async function playAround(
  { far, folder }: Cable,
  picture: string,
  second: number,
  between: () => Promise<void>,
): Promise<number> {
  const files = halves(pictureFile(picture), second).map((bytes) => {
    const file = join(folder, `${++played}.pcap`);
    writeFileSync(file, bytes);
    return file;
  });
  const before = await replay(far, ['-i', 's0', files[0] ?? '']);
  await between();
  return before + (await replay(far, ['-i', 's0', files[1] ?? '']));
}

/** A pcap of microseconds cut in two. */
function halves(pcap: Buffer, second: number): readonly Buffer[] {
  const at = (offset: number): number =>
    pcap.readUInt32LE(offset) + pcap.readUInt32LE(offset + 4) / 1e6;
  let cut = 24;
  while (cut < pcap.length && at(cut) < at(24) + second) cut += 16 + pcap.readUInt32LE(cut + 8);
  return [pcap.subarray(0, cut), Buffer.concat([pcap.subarray(0, 24), pcap.subarray(cut)])];
}

/** tcpreplay with these words; the frames that were sent. */
export async function replay(far: string, words: readonly string[]): Promise<number> {
  const said = await within(far, ['tcpreplay', ...words]);
  const sent = /Successful packets:\s+(\d+)/.exec(said)?.[1];
  if (sent === undefined) throw new Error(`tcpreplay did not say what it sent: ${said}`);
  return Number(sent);
}
