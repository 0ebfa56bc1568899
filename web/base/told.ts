/** A value of the whole page: told by one place, and drawn again wherever it is used. */
import { useEffect, useState } from 'preact/hooks';

export interface Told<T> {
  readonly now: () => T;
  readonly tell: (value: T) => void;
  readonly use: () => T;
}

export function told<T>(first: T): Told<T> {
  const watchers = new Set<(value: T) => void>();
  let current = first;
  return {
    now: () => current,
    tell(value) {
      if (value === current) return;
      current = value;
      for (const watch of watchers) watch(value);
    },
    use() {
      const [now, setNow] = useState(current);
      useEffect(() => {
        watchers.add(setNow);
        setNow(current);
        return () => void watchers.delete(setNow);
      }, []);
      return now;
    },
  };
}
