/** The address is the state: every page, filter and choice can be sent to somebody. */
import { useEffect, useState } from 'preact/hooks';

const CHANGED = 'deadair:navigated';

export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}

const current = (): Address => ({
  path: window.location.pathname,
  query: new URLSearchParams(window.location.search),
});

export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to === window.location.pathname + window.location.search) return;
  if (how === 'push') window.history.pushState(null, '', to);
  else window.history.replaceState(null, '', to);
  window.dispatchEvent(new Event(CHANGED));
}

/** Plain clicks on links of our own stay in the page. */
function followLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest('a');
  const plain =
    event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (
    !link ||
    !plain ||
    event.defaultPrevented ||
    link.hasAttribute('download') ||
    link.target !== ''
  )
    return;
  const to = new URL(link.href);
  if (
    to.origin !== window.location.origin ||
    to.pathname.startsWith('/api/') ||
    to.pathname === '/openapi.json'
  )
    return;
  event.preventDefault();
  navigate(to.pathname + to.search);
  window.scrollTo(0, 0);
}

export function useAddress(): Address {
  const [address, setAddress] = useState(current);
  useEffect(() => {
    const follow = () => setAddress(current());
    window.addEventListener('popstate', follow);
    window.addEventListener(CHANGED, follow);
    document.addEventListener('click', followLinks);
    return () => {
      window.removeEventListener('popstate', follow);
      window.removeEventListener(CHANGED, follow);
      document.removeEventListener('click', followLinks);
    };
  }, []);
  return address;
}

/** The same page with other words in its query; empty ones are left out. */
export function withQuery(address: Address, changes: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(address.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? address.path : `${address.path}?${text}`;
}
