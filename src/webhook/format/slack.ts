/**
 * Slack: an incoming webhook, Block Kit (docs.slack.dev, "Incoming webhooks", "Blocks").
 *
 * Captured text stands in `plain_text` objects, where no markup works; `&`, `<` and `>` are escaped
 * all the same, since the fallback `text` is read as mrkdwn ("Formatting text for app surfaces").
 */
import type { Notice } from '../notice.ts';
import { type Card, cardOf } from './card.ts';

const SIGNS: Readonly<Record<Card['severity'], string>> = {
  critical: '🔴',
  warning: '🟠',
  info: '🔵',
  good: '🟢',
};

/** Ten fields a section at most. */
const FIELDS = 10;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const plain = (text: string) => ({ type: 'plain_text', text: escaped(text), emoji: false });

export function slack(notice: Notice): unknown {
  const { title, text, facts, severity } = cardOf(notice);
  const fields = facts.slice(0, FIELDS).map(([name, value]) => plain(`${name}: ${value}`));
  return {
    text: escaped(`${SIGNS[severity]} ${title}`),
    blocks: [
      { type: 'header', text: { ...plain(`${SIGNS[severity]} ${title}`), emoji: true } },
      ...(text === '' ? [] : [{ type: 'section', text: plain(text) }]),
      ...(fields.length === 0 ? [] : [{ type: 'section', fields }]),
      { type: 'context', elements: [plain(`deadair · ${notice.type} · ${notice.timestamp}`)] },
    ],
  };
}
