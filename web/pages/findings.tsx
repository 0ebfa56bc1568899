/** Findings: filters in the address, keys to go through them, a bounded number of DOM nodes for any number of rows. */
import { useState } from 'preact/hooks';
import type { StoredFinding } from '../api/shapes.ts';
import { type Address, navigate, withQuery } from '../app/router.ts';
import { Empty, Failure, Loading } from '../app/states.tsx';
import { VirtualList } from '../base/virtual-list.tsx';
import { signatureWords, VERDICT_WORDS } from '../base/wording.ts';
import { FindingHeads, FindingRow } from '../finding/finding-row.tsx';
import { useRowHeight } from '../finding/row-height.ts';
import { SIGNATURES, VERDICTS } from '../../src/report/words.ts';
import { number } from '../../src/report/text/quantity.ts';
import { useFindingPages } from './finding-pages.ts';
import { useFresh } from './fresh.ts';

const FILTERS = [
  'path',
  'verdict',
  'signature',
  'address',
  'port',
  'since',
  'until',
  'acknowledged',
] as const;

/** Of the address only what the API knows. */
function queryOf({ query }: Address): string {
  const kept = new URLSearchParams();
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value !== null && value !== '') kept.set(name, value);
  }
  return kept.toString();
}

function Choice({
  name,
  label,
  address,
  options,
}: {
  name: string;
  label: string;
  address: Address;
  options: readonly (readonly [string, string])[];
}) {
  return (
    <label>
      <span>{label}</span>
      <select
        value={address.query.get(name) ?? ''}
        onChange={(event) =>
          navigate(withQuery(address, { [name]: event.currentTarget.value }), 'replace')
        }
      >
        <option value="">any</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Words({
  name,
  label,
  address,
  hint,
}: {
  name: string;
  label: string;
  address: Address;
  hint: string;
}) {
  return (
    <label>
      <span>{label}</span>
      <input
        name={name}
        placeholder={hint}
        value={address.query.get(name) ?? ''}
        onChange={(event) =>
          navigate(withQuery(address, { [name]: event.currentTarget.value.trim() }), 'replace')
        }
      />
    </label>
  );
}

function Filters({ address }: { address: Address }) {
  const path = address.query.get('path');
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filter findings"
      onSubmit={(event) => event.preventDefault()}
    >
      <Words name="address" label="Address or block" address={address} hint="10.0.0.0/8" />
      <Words name="port" label="Port" address={address} hint="27017" />
      <Choice
        name="verdict"
        label="Verdict"
        address={address}
        options={VERDICTS.map((verdict) => [verdict, VERDICT_WORDS[verdict]])}
      />
      <Choice
        name="signature"
        label="How"
        address={address}
        options={SIGNATURES.map((one) => [one, signatureWords(one)])}
      />
      <Choice
        name="acknowledged"
        label="Triage"
        address={address}
        options={[
          ['false', 'open'],
          ['true', 'acknowledged'],
        ]}
      />
      {path === null ? null : (
        <a class="button" href={withQuery(address, { path: '' })}>
          Path {path} ✕
        </a>
      )}
    </form>
  );
}

const noteOf = ({ acknowledged, comment }: StoredFinding): string | undefined =>
  acknowledged !== null ? '✓ acknowledged' : comment !== null ? 'commented' : undefined;

/** Where the list was left. */
let lastActive = { query: '', index: -1 };

function Exports({ query }: { query: string }) {
  const link = (format: string) =>
    `/api/v1/findings?format=${format}${query === '' ? '' : `&${query}`}`;
  return (
    <p class="note">
      All of them as{' '}
      {['csv', 'ndjson', 'ecs', 'eve'].map((format, i) => (
        <>
          {i === 0 ? '' : ', '}
          <a href={link(format)} download={`findings.${format === 'csv' ? 'csv' : 'ndjson'}`}>
            {format}
          </a>
        </>
      ))}
    </p>
  );
}

export function FindingsPage({ address }: { address: Address }) {
  const query = queryOf(address);
  const pages = useFindingPages(query);
  const [fresh, setFresh] = useState(0);
  const [active, setActive] = useState(lastActive.query === query ? lastActive.index : -1);
  const rowHeight = useRowHeight();
  useFresh(/^finding\.created/, [() => setFresh((n) => n + 1)]);
  const activate = (index: number) => {
    lastActive = { query, index };
    setActive(index);
  };
  const open = (index: number) => {
    const id = pages.items[index]?.id;
    activate(index);
    if (id !== undefined) navigate(`/findings/${id}`);
  };
  const showFresh = () => {
    setFresh(0);
    pages.reload();
  };
  const { items } = pages;
  return (
    <>
      <div class="page-head">
        <h1>Findings</h1>
        {fresh === 0 ? null : (
          <button type="button" class="primary" onClick={showFresh}>
            There are new ones: show them
          </button>
        )}
      </div>
      <Filters address={address} />
      <Failure failure={pages.failure} again={pages.again} hasData={items.length > 0} />
      {pages.loading ? <Loading lines={12} /> : null}
      {!pages.loading && pages.failure === null && items.length === 0 ? (
        <Empty>
          <p>
            {query === ''
              ? 'No connection has died while it was silent, as far as is known here.'
              : 'Nothing fits these filters.'}
          </p>
        </Empty>
      ) : null}
      {items.length === 0 ? null : (
        <section class="card tall">
          <FindingHeads />
          <VirtualList
            count={items.length}
            rowHeight={rowHeight}
            label="Findings: j and k move, Enter opens"
            active={active}
            onActive={activate}
            onOpen={open}
            onNearEnd={pages.more}
            row={(index) => {
              const finding = items[index];
              return finding === undefined ? null : (
                <FindingRow
                  finding={finding}
                  tab={false}
                  href={`/findings/${finding.id}`}
                  note={noteOf(finding)}
                />
              );
            }}
          />
          <p class="note" role="status">
            {number(items.length)} {pages.complete ? 'in all' : 'so far; more come as you scroll'}
          </p>
          <Exports query={query} />
        </section>
      )}
    </>
  );
}
