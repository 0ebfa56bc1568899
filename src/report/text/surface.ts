/** The page for a terminal or a pipe: its width, and whether it takes colour. */
import { type AddressNames, NO_NAMES } from '../names.ts';
import type { Page } from './page.ts';
import { coloured, plain } from './paint.ts';

/** Chosen: what a report in a file or a mail is set to. */
const PIPE_WIDTH = 100;
/** Longer lines are hard to read; shorter ones cannot hold a table. */
const WIDEST = 120;
const NARROWEST = 60;

export interface Surface {
  /** Columns of the terminal, null in a pipe. */
  readonly columns: number | null;
  /** The user's wish; no-color.org: NO_COLOR present and not empty. */
  readonly colour: boolean;
  readonly names?: AddressNames;
}

export function pageFor({ columns, colour, names = NO_NAMES }: Surface): Page {
  const width = columns === null ? PIPE_WIDTH : Math.min(WIDEST, Math.max(NARROWEST, columns));
  return { width, paint: colour && columns !== null ? coloured : plain, names };
}
