/**
 * The list of findings, newest first, by whatever the API filters. Every filter alone runs down one index in the order
 * of the list, without sorting (test/store-plans.test.ts asks the planner); an address or a port is looked for at
 * both ends, so there the two ends' lists are read apart and put together. A CIDR block alone is sorted, on the index.
 */
import type { Database, Value } from './database.ts';
import type { FindingRow } from './findings.ts';
import type { KeyRange } from './address-key.ts';
import { behind, type Page } from './page.ts';

export interface FindingFilter {
  /** Milliseconds on the capture clock, both included. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly path?: string | undefined;
  readonly verdict?: string | undefined;
  readonly signature?: string | undefined;
  readonly address?: KeyRange | undefined;
  readonly port?: number | undefined;
  readonly acknowledged?: boolean | undefined;
}

interface Clause {
  readonly sql: string;
  readonly values: readonly Value[];
}

interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

const clause = (sql: string, ...values: readonly Value[]): Clause => ({ sql, values });

function plainClauses(filter: FindingFilter): Clause[] {
  const { since, until, path, verdict, signature, acknowledged } = filter;
  return [
    ...(since === undefined ? [] : [clause('at >= ?', since)]),
    ...(until === undefined ? [] : [clause('at <= ?', until)]),
    ...(path === undefined ? [] : [clause('path = ?', path)]),
    ...(verdict === undefined ? [] : [clause('verdict = ?', verdict)]),
    ...(signature === undefined ? [] : [clause('signature = ?', signature)]),
    ...(acknowledged === undefined
      ? []
      : [clause(`acknowledged_at IS ${acknowledged ? 'NOT ' : ''}NULL`)]),
  ];
}

const addressClause = (column: string, { from, to }: KeyRange): Clause =>
  from === to ? clause(`${column} = ?`, from) : clause(`${column} BETWEEN ? AND ?`, from, to);

const ENDS = ['originator', 'responder'] as const;

/** At either end, looked at row by row: `+` keeps the planner from its index. */
const rowByRow = (port: number): Clause =>
  clause('(+originator_port = ? OR +responder_port = ?)', port, port);

/** One end each, for a list by address or port. A path has few enough findings to look at each. */
function eitherEnd({ path, address, port }: FindingFilter): Clause[] {
  if (path !== undefined) return [];
  if (address !== undefined) return ENDS.map((end) => addressClause(`${end}_key`, address));
  return port === undefined ? [] : ENDS.map((end) => clause(`${end}_port = ?`, port));
}

/** What of address and port no index is asked for. */
function otherEnds({ path, address, port }: FindingFilter): Clause[] {
  const ports = port === undefined ? [] : [rowByRow(port)];
  if (path === undefined) return address === undefined ? [] : ports;
  if (address === undefined) return ports;
  const [one, other] = ENDS.map((end) => addressClause(`+${end}_key`, address));
  if (one === undefined || other === undefined) return ports;
  return [clause(`(${one.sql} OR ${other.sql})`, ...one.values, ...other.values), ...ports];
}

const select = (what: string, clauses: readonly Clause[], page: Page): Statement => {
  const from = behind(page.after, 'at');
  const where = clauses.map(({ sql }) => ` AND ${sql}`).join('');
  return {
    sql: `SELECT ${what} FROM findings WHERE 1${where}${from.sql} ORDER BY at DESC, id DESC LIMIT ?`,
    values: [...clauses.flatMap(({ values }) => values), ...from.values, page.limit + 1],
  };
};

/** One row more than the limit where there are more. */
export function findingsStatement(filter: FindingFilter, page: Page): Statement {
  const plain = [...plainClauses(filter), ...otherEnds(filter)];
  const ends = eitherEnd(filter);
  if (ends.length === 0) return select('*', plain, page);
  const branches = ends.map((end) => select('id', [end, ...plain], page));
  const ids = branches.map(({ sql }) => `SELECT id FROM (${sql})`).join(' UNION ');
  return {
    sql: `SELECT * FROM findings WHERE id IN (${ids}) ORDER BY at DESC, id DESC LIMIT ?`,
    values: [...branches.flatMap(({ values }) => values), page.limit + 1],
  };
}

export function findingRows(db: Database, filter: FindingFilter, page: Page): FindingRow[] {
  const { sql, values } = findingsStatement(filter, page);
  return db.all<FindingRow>(sql, ...values);
}
