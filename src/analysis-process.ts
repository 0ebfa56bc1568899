/**
 * One analysis in a process of its own (`deadair role analysis`): what the native code or a hostile capture does to it
 * costs this job one attempt, and nothing else.
 *
 * It is told what to read over IPC, says how far it is, and leaves its results in a folder: the report in its forms, and
 * batches of findings, paths and packets, each small enough to travel. The report is bounded, so the folder is.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from './base/errors.ts';
import { asAppError } from './capture/problems.ts';
import { analyse } from './pipeline.ts';
import type { Analysis } from './report/analysis.ts';
import type { CarvedFrame } from './capture/addon.ts';
import { shownPacket } from './report/carve/carve.ts';
import { gatherEvidence } from './report/carve/gather.ts';
import { chooseFindings } from './report/choose.ts';
import { jsonText, report } from './report/document.ts';
import { renderHtml } from './report/html.ts';
import { laddersOf } from './report/ladder/ladders.ts';
import { type AddressNames, NO_NAMES, withNames } from './report/names.ts';
import { namesFrom } from './report/names-file.ts';
import type { FindingReport, PathReport, Report } from './report/schema.ts';
import { reportText } from './report/text/report-text.ts';
import { pageFor } from './report/text/surface.ts';

export interface AnalysisOrder {
  readonly capture: string;
  /** What its source is called in the report. */
  readonly name: string;
  /** An empty folder for the results. */
  readonly folder: string;
  readonly shortestSeconds?: number;
  readonly filter?: string;
  readonly maxFlows?: number;
  /** File with names of addresses, for the report; the store keeps findings without. */
  readonly names?: string;
}

export interface AnalysisResult {
  /** In order. */
  readonly batches: readonly string[];
  readonly forms: readonly string[];
  readonly findings: number;
}

export type AnalysisMessage =
  | { readonly kind: 'progress'; readonly bytes: number; readonly records: number }
  | ({ readonly kind: 'done' } & AnalysisResult)
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    };

/** What one file of a batch holds. */
export interface BatchContent {
  readonly findings: readonly FindingReport[];
  readonly paths: readonly PathReport[];
  readonly evidence: readonly { readonly finding: string; readonly pcapng: string }[];
  /** Of the whole capture; the last batch has it. */
  readonly silences?: Analysis['silences'];
}

/** Findings that a job lists and stores; its totals count all. Chosen, as --max-findings of `read`. */
const MOST_FINDINGS = 10_000;
/** Findings whose packets are kept: chosen. */
const MOST_EVIDENCE = 1000;
const BATCH_ITEMS = 200;
const BATCH_BYTES = 512 * 1024;
const PROGRESS_MS = 200;

function writeWhole(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

type Item = Partial<{
  readonly [K in 'findings' | 'paths' | 'evidence']: BatchContent[K][number];
}>;

/** Findings before the paths they belong to need no order: the store joins them by id. */
function* itemsOf(
  { findings, paths }: Report,
  evidence: ReadonlyMap<string, Buffer>,
): Generator<Item> {
  for (const finding of findings) {
    const file = evidence.get(finding.id);
    const pcapng = file?.toString('base64');
    yield pcapng === undefined
      ? { findings: finding }
      : { findings: finding, evidence: { finding: finding.id, pcapng } };
  }
  for (const path of paths) yield { paths: path };
}

function* batchesOf(
  items: Iterable<Item>,
  silences: Analysis['silences'],
): Generator<BatchContent> {
  let group: Item[] = [];
  let bytes = 0;
  const content = (): BatchContent => ({
    findings: group.flatMap(({ findings }) => findings ?? []),
    paths: group.flatMap(({ paths }) => paths ?? []),
    evidence: group.flatMap(({ evidence }) => evidence ?? []),
  });
  for (const item of items) {
    group.push(item);
    bytes += JSON.stringify(item).length;
    if (group.length < BATCH_ITEMS && bytes < BATCH_BYTES) continue;
    yield content();
    [group, bytes] = [[], 0];
  }
  yield { ...content(), silences };
}

/** What its path was on this machine is nobody's business. */
const named = (analysis: Analysis, name: string): Analysis => ({
  ...analysis,
  sources: analysis.sources.map((source) => ({ ...source, name })),
});

/** Sources leave bytes read as they go; a process that works never says more than five times a second. */
function progressTeller(): (progress: { bytesRead: number; records: number }) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return ({ bytesRead, records }) => {
    const now = performance.now();
    if (now - toldAt < PROGRESS_MS) return;
    toldAt = now;
    tell({ kind: 'progress', bytes: bytesRead, records });
  };
}

const tell = (message: AnalysisMessage): void => void process.send?.(message);

const namesOf = ({ names }: AnalysisOrder): AddressNames =>
  names === undefined ? NO_NAMES : namesFrom(names);

/** Null where the page was not built: the other forms are still there. */
async function htmlOf(
  document: Report,
  names: AddressNames,
  order: AnalysisOrder,
): Promise<string | null> {
  const { capture, filter = null } = order;
  const { signal } = new AbortController();
  const { findings, together } = document;
  try {
    const packet = (frame: CarvedFrame) => shownPacket(frame, { mask: null, headersOnly: true });
    const how = { paths: [capture], filter, together, signal, packet };
    return renderHtml(withNames(document, names), await laddersOf(findings, how));
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'E_PAGE_MISSING') return null;
    throw thrown;
  }
}

async function writeForms(
  analysis: Analysis,
  document: Report,
  order: AnalysisOrder,
): Promise<string[]> {
  const { folder } = order;
  const names = namesOf(order);
  writeWhole(join(folder, 'report.json'), jsonText(withNames(document, names)));
  writeWhole(
    join(folder, 'report.txt'),
    reportText(analysis, pageFor({ columns: null, colour: false, names })),
  );
  const html = await htmlOf(document, names, order);
  if (html === null) return ['report.json', 'report.txt'];
  writeWhole(join(folder, 'report.html'), html);
  return ['report.json', 'report.txt', 'report.html'];
}

export async function carryOut(order: AnalysisOrder): Promise<AnalysisResult> {
  const { capture, folder, filter = null, shortestSeconds, maxFlows } = order;
  const found = await analyse({
    paths: [capture],
    filter,
    ...(shortestSeconds === undefined
      ? {}
      : { shortestNs: BigInt(Math.round(shortestSeconds * 1e9)) }),
    ...(maxFlows === undefined ? {} : { maxFlows }),
    onProgress: progressTeller(),
  });
  const analysis = named(found, order.name);
  const document = report(analysis, MOST_FINDINGS);
  const kept = chooseFindings(found.findings, MOST_EVIDENCE);
  const evidence = await gatherEvidence({ paths: [capture], filter, findings: kept });
  const batches: string[] = [];
  for (const content of batchesOf(itemsOf(document, evidence), analysis.silences)) {
    const name = `batch-${String(batches.length).padStart(6, '0')}.json`;
    writeWhole(join(folder, name), JSON.stringify(content));
    batches.push(name);
  }
  const forms = await writeForms(analysis, document, order);
  return { batches, forms, findings: analysis.findings.length };
}

/** Waits for its order, carries it out, and ends. */
export function analysisRole(): void {
  process.once('message', (order: AnalysisOrder) => {
    carryOut(order)
      .then((result) => tell({ kind: 'done', ...result }))
      .catch((thrown: unknown) => {
        const { code, message, hint } = asAppError(thrown);
        tell({ kind: 'failed', code, message, hint });
      })
      .finally(() => process.disconnect());
  });
}
