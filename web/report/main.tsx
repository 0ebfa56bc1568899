/** Entry of the self-contained report. */
import '../style/tokens.css';
import '../style/page.css';
import '../style/plot.css';
import '../style/ladder.css';
import '../style/finding.css';
import '../style/print.css';
import { render } from 'preact';
import { watchZoneKey } from '../base/zone.ts';
import { pageData } from './data.ts';
import { unfoldForPrint } from './printed.tsx';
import { ReportPage } from './report-page.tsx';

const root = document.getElementById('root');
const data = pageData();
if (root !== null) {
  root.replaceChildren();
  unfoldForPrint();
  watchZoneKey();
  render(
    data === null ? (
      <main class="report">
        <h1>This report is damaged: its data cannot be read.</h1>
      </main>
    ) : (
      <ReportPage data={data} />
    ),
    root,
  );
}
