/** How high a row of a list of findings is: one line where there is room for columns. */
import { useEffect, useMemo, useState } from 'preact/hooks';

const ROW_WIDE = 40;
const ROW_NARROW = 82;

export function useRowHeight(): number {
  const wide = useMemo(() => window.matchMedia('(min-width: 78rem)'), []);
  const [isWide, setWide] = useState(wide.matches);
  useEffect(() => {
    const change = () => setWide(wide.matches);
    wide.addEventListener('change', change);
    return () => wide.removeEventListener('change', change);
  }, [wide]);
  return isWide ? ROW_WIDE : ROW_NARROW;
}
