/** The findings of a report: a list, and the chosen one whole below it. The choice is in the address. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { FindingReport, Report } from '../../src/report/schema.ts';
import { count } from '../../src/report/text/quantity.ts';
import { saveFile } from '../base/save.ts';
import { VirtualList } from '../base/virtual-list.tsx';
import { FindingHeads, FindingRow } from '../finding/finding-row.tsx';
import { FindingView } from '../finding/finding-view.tsx';
import { useRowHeight } from '../finding/row-height.ts';
import type { PageData } from './data.ts';
import { PrintedFindings } from './printed.tsx';

/** The finding that the address names; another one is chosen by going there. */
function useChosen(findings: readonly FindingReport[]): readonly [number, (index: number) => void] {
  const at = () => findings.findIndex(({ id }) => `#${id}` === window.location.hash);
  const [chosen, setChosen] = useState(at);
  useEffect(() => {
    const follow = () => setChosen(at());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [findings]);
  const choose = (index: number) => {
    const id = findings[index]?.id;
    if (id !== undefined) window.location.replace(`#${id}`);
  };
  return [chosen, choose];
}

function Omitted({ report }: { report: Report }) {
  const { findingsOmitted } = report;
  if (findingsOmitted === 0) return null;
  return (
    <p class="note">
      {count(findingsOmitted, 'further finding')} counted, not listed (--max-findings).
    </p>
  );
}

function Packets({ id, pcap }: { id: string; pcap: string | undefined }) {
  if (pcap === undefined) return null;
  const bytes = () => Uint8Array.from(atob(pcap), (character) => character.charCodeAt(0));
  return (
    <button
      type="button"
      onClick={() => saveFile(`${id}.pcap`, 'application/vnd.tcpdump.pcap', bytes())}
    >
      Packets (pcap)
    </button>
  );
}

/** What convinces most: a box for certain, with packets to show. */
function strongest({ report, ladders }: PageData): number {
  const weight = ({ id, verdict, confidence }: FindingReport): number =>
    (verdict === 'box-timeout' ? 2 : 0) + confidence + (ladders[id] === undefined ? 0 : 1);
  return report.findings.reduce((best, finding, index, all) => {
    const leader = all[best];
    return leader === undefined || weight(finding) > weight(leader) ? index : best;
  }, 0);
}

export function Findings({ data }: { data: PageData }) {
  const { report, ladders } = data;
  const { findings } = report;
  const [named, choose] = useChosen(findings);
  const chosen = useMemo(() => (named >= 0 ? named : strongest(data)), [named, data]);
  const rowHeight = useRowHeight();
  const finding = findings[chosen];
  if (finding === undefined) return null;
  return (
    <section class="findings">
      <h2>{count(report.findingsTotal, 'finding')}</h2>
      <FindingHeads />
      <VirtualList
        count={findings.length}
        rowHeight={rowHeight}
        label="Findings: j and k move"
        active={chosen}
        onActive={choose}
        onOpen={choose}
        row={(index) => {
          const one = findings[index];
          return one === undefined ? null : (
            <FindingRow finding={one} href={`#${one.id}`} tab={false} />
          );
        }}
      />
      <PrintedFindings findings={findings} />
      <Omitted report={report} />
      <FindingView
        key={finding.id}
        finding={finding}
        ladder={ladders[finding.id] ?? null}
        sources={report.sources.map(({ name }) => name.split('/').at(-1) ?? name)}
        missing="Its packets are not in this page: deadair read --carve DIR writes them to a file."
      >
        <Packets id={finding.id} pcap={ladders[finding.id]?.pcap} />
      </FindingView>
    </section>
  );
}
