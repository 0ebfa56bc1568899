/**
 * A list of counts with their meanings and the sum under it, so that everybody sees that they add
 * up.
 */
import { type Cell, type Page, paragraph } from './page.ts';
import { number } from './quantity.ts';

export interface Entry {
  readonly count: number;
  readonly name: string;
  readonly means: string;
  readonly style?: Cell['style'];
}

/** Entries that count nothing are left out; the sum is taken over what is shown. */
export function tally(page: Page, entries: readonly Entry[], sumMeans: string): string[] {
  const shown = entries.filter((entry) => entry.count > 0);
  const sum = shown.reduce((all, entry) => all + entry.count, 0);
  const digits = number(sum).length;
  const names = Math.max(0, ...shown.map((entry) => entry.name.length));
  const lines = shown.flatMap(({ count, name, means, style }) => {
    const label = `  ${number(count).padStart(digits)}  ${name.padEnd(names)}  `;
    return entryLines(page, label, means, style);
  });
  return [
    ...lines,
    `  ${'-'.repeat(digits)}`,
    ...paragraph(page, sumMeans, 0, undefined, `  ${number(sum)}  `),
  ];
}

function entryLines(page: Page, label: string, means: string, style: Cell['style']): string[] {
  const [first = '', ...rest] = paragraph(page, means, label.length);
  const painted = style === undefined ? label : page.paint(style, label);
  return [painted + first.slice(label.length), ...rest];
}
