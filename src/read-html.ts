/** `read --html OUT`: the report as one HTML file, with the packets of its findings as ladders. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { AppError } from './base/errors.ts';
import type { Analysis } from './report/analysis.ts';
import type { Mask } from './report/anonymize/mask.ts';
import { shownPacket } from './report/carve/carve.ts';
import { report } from './report/document.ts';
import { renderHtml } from './report/html.ts';
import { laddersOf } from './report/ladder/ladders.ts';
import { type AddressNames, NO_NAMES, withNames } from './report/names.ts';
import { visible } from './report/visible.ts';

export interface HtmlOptions {
  /** As they may be opened. */
  readonly paths: readonly string[];
  readonly filter: string | null;
  readonly maxFindings: number;
  readonly whatIfNs: readonly bigint[];
  readonly mask: Mask | null;
  readonly names: AddressNames | undefined;
  readonly signal: AbortSignal;
}

/** Whole or not at all. Throws E_OUTPUT. */
export function writeWhole(path: string, text: string): void {
  const part = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.part`;
  try {
    writeFileSync(part, text, { flag: 'wx' });
    renameSync(part, path);
  } catch (cause) {
    rmSync(part, { force: true });
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'E_OUTPUT',
      `cannot write ${visible(path)}: ${code}`,
      'give a file in a folder that may be written',
      cause,
    );
  }
}

/**
 * `shown` is what is told (masked, with logs), `analysis` the same with true addresses, which the packets are found by.
 */
export async function htmlOf(
  shown: Analysis,
  analysis: Analysis,
  { paths, filter, maxFindings, whatIfNs, mask, names, signal }: HtmlOptions,
): Promise<string> {
  const plain = report(analysis, maxFindings);
  const found = await laddersOf(plain.findings, {
    paths,
    filter,
    together: plain.together,
    signal,
    packet: (frame) => shownPacket(frame, { mask, headersOnly: true }),
  });
  const ladders =
    mask === null ? found : new Map([...found].map(([id, ladder]) => [mask.id(id), ladder]));
  return renderHtml(withNames(report(shown, maxFindings, whatIfNs), names ?? NO_NAMES), ladders);
}
