/** Colour for terminals that want it (no-color.org), and none for anything else. */
export type Style = 'alarm' | 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

export type Paint = (style: Style, text: string) => string;

/** SGR parameters: on, off (ECMA-48 §8.3.117). */
const CODES: Readonly<Record<Style, readonly [string, string]>> = {
  alarm: ['1;31', '22;39'],
  bold: ['1', '22'],
  dim: ['2', '22'],
  red: ['31', '39'],
  yellow: ['33', '39'],
  green: ['32', '39'],
  cyan: ['36', '39'],
};

export const plain: Paint = (_style, text) => text;

export const coloured: Paint = (style, text) => {
  const [on, off] = CODES[style];
  return `\x1b[${on}m${text}\x1b[${off}m`;
};
