/** What the page was given: the data block that src/report/html.ts fills. */
import type { PageData } from '../../src/report/html.ts';

export type { PageData };

export function pageData(): PageData | null {
  const block = document.getElementById('deadair-data');
  try {
    return JSON.parse(block?.textContent ?? '') as PageData;
  } catch {
    return null;
  }
}
