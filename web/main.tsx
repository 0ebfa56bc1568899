/** Entry of the dashboard. */
import './style/tokens.css';
import './style/page.css';
import './style/plot.css';
import './style/ladder.css';
import './style/finding.css';
import './style/shell.css';
import './style/print.css';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { applyTheme } from './app/theme.ts';
import { watchZoneKey } from './base/zone.ts';

applyTheme();
watchZoneKey();
const root = document.getElementById('root');
if (root !== null) render(<App />, root);
