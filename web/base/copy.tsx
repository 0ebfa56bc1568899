/**
 * Copies text. Over plain HTTP to a host that is not loopback, and in a sandbox, there is no
 * navigator.clipboard: then the old way through a selection.
 */
import { useEffect, useState } from 'preact/hooks';

function throughSelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'out-of-sight';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
  }
}

export async function copyText(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard === undefined) return throughSelection(text);
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return throughSelection(text);
  }
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = setTimeout(() => setSaid(null), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => setSaid((await copyText(text)) ? 'Copied' : 'Select and copy by hand');
  return (
    <button type="button" class="copy" onClick={() => void copy()} aria-label={`${label}: copy`}>
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
