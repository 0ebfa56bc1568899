/**
 * Microsoft Teams: an Adaptive Card for the Workflows trigger "When a Teams webhook request is received"
 * (learn.microsoft.com, "Create incoming webhooks with Workflows").
 *
 * Captured text stands in `TextRun`s alone: unlike a TextBlock or a FactSet they read no Markdown, and
 * without `msteams.entities` nothing is a mention.
 */
import type { Notice } from '../notice.ts';
import { type Card, cardOf } from './card.ts';

const COLOURS: Readonly<Record<Card['severity'], string>> = {
  critical: 'Attention',
  warning: 'Warning',
  info: 'Accent',
  good: 'Good',
};

const run = (text: string, more: object = {}) => ({ type: 'TextRun', text, ...more });
const line = (inlines: readonly object[], more: object = {}) => ({
  type: 'RichTextBlock',
  ...more,
  inlines,
});

export function teams(notice: Notice): unknown {
  const { title, text, facts, severity } = cardOf(notice);
  const head = run(title, { weight: 'Bolder', size: 'Medium', color: COLOURS[severity] });
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      line([head]),
      ...(text === '' ? [] : [line([run(text)])]),
      ...facts.map(([name, value]) =>
        line([run(`${name}: `, { weight: 'Bolder' }), run(value)], { spacing: 'Small' }),
      ),
      line([
        run(`deadair · ${notice.type} · ${notice.timestamp}`, { isSubtle: true, size: 'Small' }),
      ]),
    ],
  };
  return {
    type: 'message',
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content },
    ],
  };
}
