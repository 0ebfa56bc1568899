/**
 * Pictures and files go through the real pipeline, native code included: no second, easier path for tests.
 *
 * Findings come back in the words of the report's contract, so that a test can say `{ silence: { seconds: 350 } }`.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import type { Finding } from '../../src/judge/finding.ts';
import { analyse } from '../../src/pipeline.ts';
import type { Analysis } from '../../src/report/analysis.ts';
import { captureFile, type FileShape } from './capture-file.ts';
import { type LinkName, recorded } from './link-layer.ts';
import { framesOf, type PictureOptions } from './picture.ts';
import { withFile } from './temporary.ts';
import { amended } from '../../src/judge/told.ts';

export interface Asked {
  /** default 20 s, as the command's */
  readonly shortestSeconds?: number;
  /** 0: in this thread, without the pool */
  readonly workers?: number;
  readonly maxFlows?: number;
  readonly filter?: string | null;
  /** Each path is a vantage of its own. */
  readonly together?: boolean;
}

export function analyseFiles(paths: readonly string[], asked: Asked = {}): Promise<Analysis> {
  return analyse({
    paths,
    shortestNs: BigInt(Math.round((asked.shortestSeconds ?? 20) * 1e9)),
    workers: asked.workers ?? 0,
    maxFlows: asked.maxFlows ?? 100_000,
    filter: asked.filter ?? null,
    together: asked.together ?? false,
  });
}

export interface Drawn extends PictureOptions, FileShape, Asked {
  readonly link?: LinkName;
}

export function pictureFile(picture: string, drawn: Drawn = {}): Buffer {
  const { link = 'ethernet', snaplen } = drawn;
  const points = /@\w/.test(picture);
  const records = framesOf(picture, drawn).map((frame) => recorded(frame, link, snaplen));
  return captureFile(records, points ? { format: 'pcapng', ...drawn } : drawn);
}

export function analysisOf(picture: string, drawn: Drawn = {}): Promise<Analysis> {
  return withFile('picture.cap', pictureFile(picture, drawn), (path) =>
    analyseFiles([path], drawn),
  );
}

export interface Seen {
  readonly signature: string;
  readonly verdict: string;
  readonly confidence: number;
  readonly emitter: Finding['emitter'];
  readonly trigger: Finding['trigger'];
  readonly ending: Finding['ending'] & { readonly latencySeconds: number | null };
  readonly silence: { readonly seconds: number; readonly clock: string };
  readonly flow: {
    readonly originator: { readonly address: string; readonly port: number };
    readonly responder: { readonly address: string; readonly port: number };
    readonly capturePoint: number;
  };
  readonly evidence: Finding['evidence'];
  readonly summary: string;
  readonly id: string;
}

export function seen(finding: Finding): Seen {
  const { record, ending } = finding;
  const latencySeconds = ending.latencyNs === null ? null : Number(ending.latencyNs) / 1e9;
  return {
    ...amended(finding, {}),
    ending: { ...ending, latencySeconds },
    silence: { seconds: Number(finding.silenceNs) / 1e9, clock: finding.clock },
    flow: {
      originator: { address: record.originatorAddress, port: record.originatorPort },
      responder: { address: record.responderAddress, port: record.responderPort },
      capturePoint: record.capturePoint,
    },
  };
}

export async function findingsOn(picture: string, drawn: Drawn = {}): Promise<readonly Seen[]> {
  return (await analysisOf(picture, drawn)).findings.map(seen);
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

/** The command itself, in a process of its own. */
export function deadair(args: readonly string[], timeoutMs = 30_000): Promise<Ran> {
  const command = join(packageRoot(), 'bin', 'deadair');
  return new Promise((resolve, reject) => {
    const options = { timeout: timeoutMs, maxBuffer: 1 << 28 };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') {
        reject(new Error(`${command} gave no exit status`, { cause: error }));
      } else resolve({ stdout, stderr, exit: error === null ? 0 : Number(error.code) });
    });
  });
}
