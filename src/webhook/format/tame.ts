/**
 * Text of a capture on its way into a chat or a pager.
 *
 * Names of interfaces and files, lines of logs and names of hosts are hostile text: "@here" wakes
 * everybody, `<!channel>` too (Slack), `<at>` (Teams), and what Alertmanager passes on may end up in
 * any chat. So control and invisible characters are shown as escapes, and what begins a mention is
 * replaced by its harmless twin: it looks the same and does nothing.
 */
import { visible } from '../../report/visible.ts';

const TWINS: Readonly<Record<string, string>> = { '@': '＠', '<': '‹', '>': '›' };

/** `most`: characters kept; what is cut off is shown by "…". */
export function tame(text: string, most: number): string {
  const shown = visible(text.replace(/\s+/g, ' ')).replace(/[@<>]/g, (mark) => TWINS[mark] ?? mark);
  const points = Array.from(shown);
  return points.length <= most ? shown : `${points.slice(0, most - 1).join('')}…`;
}
