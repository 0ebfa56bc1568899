/** A button that changes something, and says so: busy, done, or why not. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

export function Change({
  label,
  act,
  primary = false,
  idle = false,
  children,
}: {
  label: string;
  act: () => Promise<unknown>;
  primary?: boolean;
  /** There is nothing to do yet. */
  idle?: boolean;
  children?: ComponentChildren;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (thrown) {
      setProblem(thrown instanceof Error ? thrown.message : String(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <span class="change">
      {children}
      <button
        type="button"
        class={primary ? 'primary' : ''}
        disabled={busy || idle}
        onClick={() => void run()}
      >
        {label}
      </button>
      {problem === null ? null : (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
    </span>
  );
}
