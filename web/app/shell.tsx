/** The frame of every page: where one can go, whether live events come, and the keys. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Connection, useConnection } from '../live/events.ts';
import { isTyping } from '../base/zone.ts';
import { navigate } from './router.ts';
import { Unreached } from './states.tsx';

const PAGES: readonly (readonly [path: string, name: string, key: string])[] = [
  ['/', 'Overview', 'o'],
  ['/paths', 'Paths', 'p'],
  ['/findings', 'Findings', 'f'],
  ['/jobs', 'Jobs', 'b'],
  ['/live', 'Live', 'l'],
  ['/agents', 'Agents', 'a'],
  ['/webhooks', 'Webhooks', 'w'],
  ['/dead', 'Dead letters', 'd'],
  ['/settings', 'Settings', 's'],
  ['/about', 'About', 'i'],
];

const STATES: Readonly<Record<Connection, string>> = {
  connecting: 'connecting',
  open: 'live',
  away: 'not live: the service is away, or the session has ended',
};

const isHere = (page: string, path: string): boolean =>
  page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`);

/** Chosen: what of the page before stays in sight where the pages are a row that scrolls, px. */
const ROOM = 60;

function Navigation({ path }: { path: string }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const here = list.current?.querySelector<HTMLElement>('[aria-current]');
    if (list.current && here) list.current.scrollLeft = here.offsetLeft - ROOM;
  }, [path]);
  return (
    <nav aria-label="Pages">
      <ul ref={list}>
        {PAGES.map(([page, name]) => (
          <li key={page}>
            <a href={page} aria-current={isHere(page, path) ? 'page' : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Keys({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const lines: readonly (readonly [string, string])[] = [
    ['j, k', 'next, previous in a list'],
    ['Enter', 'open'],
    ['Esc', 'back to the list'],
    ['/', 'to the filter'],
    ['e', 'acknowledge a finding, or not'],
    ...PAGES.map(([, name, key]): readonly [string, string] => [`g ${key}`, name]),
    ['u', 'times in UTC, or of this place'],
    ['?', 'these keys'],
  ];
  return (
    <dialog ref={dialog} class="keys" aria-label="Keys" onClose={close}>
      <h2>Keys</h2>
      <dl>
        {lines.map(([keys, means]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

/** Chosen: how long after "g" the next key still belongs to it, ms. */
const CHORD_MS = 1200;

function useKeys(showKeys: () => void): void {
  const wentAt = useRef(0);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const page = PAGES.find(([, , letter]) => letter === event.key);
      if (event.timeStamp - wentAt.current < CHORD_MS && page !== undefined) {
        wentAt.current = 0;
        navigate(page[0]);
        return;
      }
      if (event.key === 'g') wentAt.current = event.timeStamp;
      if (event.key === '?') showKeys();
      if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLElement>('.filters input')?.focus();
      }
    };
    document.addEventListener('keydown', key);
    return () => document.removeEventListener('keydown', key);
  }, [showKeys]);
}

function Live() {
  const connection = useConnection();
  return (
    <span class={`connection ${connection}`} role="status" title={STATES[connection]}>
      <span class="dot" aria-hidden="true" />{' '}
      {connection === 'open' ? 'live' : connection === 'away' ? 'not live' : 'connecting'}
    </span>
  );
}

export function Shell({
  path,
  keysShown,
  showKeys,
  children,
}: {
  path: string;
  keysShown: boolean;
  showKeys: (shown: boolean) => void;
  children: ComponentChildren;
}) {
  useKeys(() => showKeys(true));
  return (
    <div class="shell">
      <a class="skip" href="#page">
        To the page
      </a>
      <header class="shell-head">
        <a class="brand" href="/">
          <span class="mark" aria-hidden="true" /> deadair
        </a>
        <Live />
      </header>
      <Navigation path={path} />
      <main id="page" tabIndex={-1}>
        <Unreached />
        {children}
      </main>
      {keysShown ? <Keys close={() => showKeys(false)} /> : null}
    </div>
  );
}
