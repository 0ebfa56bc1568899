/**
 * The whole list of findings in a form for other programs, streamed: read a page at a time, with the event loop in
 * between, so that a long list neither fills memory nor holds up anybody.
 */
import { Readable } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { csvHead, csvRow } from '../csv.ts';
import { ecsRow } from '../export/ecs.ts';
import { eveRow } from '../export/eve.ts';
import type { Database } from '../store/database.ts';
import type { FindingFilter } from '../store/finding-list.ts';
import { listFindings, type StoredFinding } from '../store/findings.ts';
import { type AddressNames, withNames } from '../names.ts';
import { parseCursor } from '../store/page.ts';
import { visibleJson } from '../visible.ts';

export const EXPORT_FORMATS = ['csv', 'ndjson', 'ecs', 'eve'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

interface Form {
  readonly type: string;
  readonly ending: string;
  readonly head: string;
  readonly row: (finding: StoredFinding) => string;
}

const line = (document: unknown): string => `${visibleJson(JSON.stringify(document))}\n`;

const NDJSON = 'application/x-ndjson';

const FORMS: Readonly<Record<ExportFormat, Form>> = {
  csv: { type: 'text/csv; charset=utf-8', ending: 'csv', head: csvHead(), row: csvRow },
  ndjson: { type: NDJSON, ending: 'ndjson', head: '', row: line },
  ecs: { type: NDJSON, ending: 'ndjson', head: '', row: (finding) => line(ecsRow(finding)) },
  eve: { type: NDJSON, ending: 'ndjson', head: '', row: (finding) => line(eveRow(finding)) },
};

/** Chosen: some milliseconds of work. */
const AT_ONCE = 200;

interface Wanted {
  readonly db: Database;
  readonly filter: FindingFilter;
  readonly format: ExportFormat;
  readonly names: AddressNames;
}

async function* lines({ db, filter, format, names }: Wanted): AsyncGenerator<string> {
  const { head, row } = FORMS[format];
  if (head !== '') yield head;
  let cursor: string | null = null;
  do {
    const after: ReturnType<typeof parseCursor> = cursor === null ? null : parseCursor(cursor);
    const page = listFindings(db, filter, { limit: AT_ONCE, after });
    yield page.items.map((finding) => row(withNames(finding, names))).join('');
    cursor = page.next;
    await breathe();
  } while (cursor !== null);
}

export function exportFindings(reply: FastifyReply, wanted: Wanted): FastifyReply {
  return reply
    .type(FORMS[wanted.format].type)
    .header('content-disposition', `attachment; filename="findings.${FORMS[wanted.format].ending}"`)
    .send(Readable.from(lines(wanted)));
}
