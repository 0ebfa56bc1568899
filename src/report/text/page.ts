/**
 * The page a text report is set on: paragraphs, headings and tables that fit its width. Everything
 * set is made visible.
 */
import { type AddressNames, namedText, NO_NAMES } from '../names.ts';
import { visible } from '../visible.ts';
import type { Paint, Style } from './paint.ts';

export interface Page {
  readonly width: number;
  readonly paint: Paint;
  /** Of addresses; default: none. */
  readonly names?: AddressNames;
}

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /**
   * Higher goes first when the table is wider than the page; without it the column always stays.
   */
  readonly expendable?: number;
}

/** No-break spaces hold numbers and their units together; they are spaces again on the page. */
const GLUE = '\u00a0';
const UNIT = /(\d) (ms|µs|s|min|h|d|%)(?![A-Za-z])/g;

/** Names come from a file of the user's, and are made visible like everything else. */
const shown = ({ names = NO_NAMES }: Page, text: string): string => visible(namedText(text, names));

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.replace(UNIT, `$1${GLUE}$2`).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((each) => each.replaceAll(GLUE, ' '));
}

/** `label` stands before the first line, the others hang below the text. */
export function paragraph(
  page: Page,
  text: string,
  indent = 0,
  style?: Style,
  label = '',
): string[] {
  const lines = wrap(shown(page, text), Math.max(20, page.width - indent - label.length));
  return lines.map((line, i) => {
    const painted = style === undefined ? line : page.paint(style, line);
    const margin = i === 0 ? page.paint('bold', label) : ' '.repeat(label.length);
    return ' '.repeat(indent) + (label === '' ? '' : margin) + painted;
  });
}

export const heading = (page: Page, text: string): string[] => paragraph(page, text, 0, 'bold');

const widthsOf = (columns: readonly Column[], rows: readonly (readonly string[])[]): number[] =>
  columns.map((column, i) =>
    Math.max(column.title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );

const GAP = '  ';

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);

/** Indexes of the columns that fit: expendable ones go, the most expendable first. */
function fitting(columns: readonly Column[], widths: readonly number[], room: number): number[] {
  let kept = columns.map((_, i) => i);
  const order = [...kept].sort(
    (a, b) => (columns[b]?.expendable ?? 0) - (columns[a]?.expendable ?? 0),
  );
  for (const candidate of order) {
    if (total(kept.map((i) => widths[i] ?? 0)) <= room) break;
    if (columns[candidate]?.expendable === undefined) break;
    kept = kept.filter((i) => i !== candidate);
  }
  return kept;
}

export function table(
  page: Page,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  indent = 2,
): string[] {
  const texts = rows.map((row) => row.map((cell) => shown(page, cell.text)));
  const widths = widthsOf(columns, texts);
  const kept = fitting(columns, widths, page.width - indent);
  const set = (cells: readonly string[], style: (column: number) => Style | undefined): string => {
    const parts = kept.map((column, at) => {
      const text = cells[column] ?? '';
      const width = widths[column] ?? 0;
      const right = columns[column]?.align === 'right';
      const padded = right
        ? text.padStart(width)
        : at === kept.length - 1
          ? text
          : text.padEnd(width);
      const chosen = style(column);
      return chosen === undefined ? padded : page.paint(chosen, padded);
    });
    return (' '.repeat(indent) + parts.join(GAP)).trimEnd();
  };
  const head = columns.some((column) => column.title !== '')
    ? [
        set(
          columns.map((column) => column.title),
          () => 'dim',
        ),
      ]
    : [];
  return [
    ...head,
    ...texts.map((cells, row) => set(cells, (column) => rows[row]?.[column]?.style)),
  ];
}
