/** What the kernel's connection table says, as programs read it. Only there with `--conntrack`. */
import { rfc3339 } from '../../base/units.ts';
import type { Analysis, PathFacts } from '../analysis.ts';
import { placeKey } from '../analysis.ts';
import type { PathReport, Report } from '../schema.ts';
import { configuredSeconds, isEarly, type Kernel, rowEndOf, rowLivedSeconds } from './witness.ts';

/** Chosen: an estimate is not held against the setting more exactly than this, seconds. */
const TOLERANCE_S = 1;

const ESTABLISHED = 3;
const CLOSE_WAIT = 5;

/** Null where nothing can be said: no bound on either side. */
function agrees(configured: number, { lowSeconds: low, highSeconds: high }: PathFacts['timeout']) {
  if (low === null && high === null) return null;
  return (
    (low === null || configured >= low - TOLERANCE_S) &&
    (high === null || configured <= high + TOLERANCE_S)
  );
}

function livedSeconds(path: PathFacts, analysis: Analysis, kernel: Kernel): readonly number[] {
  const ids = new Set(path.findingIds.map((id) => placeKey(id, path)));
  return analysis.findings
    .filter((finding) => ids.has(placeKey(finding.id, finding.record)))
    .flatMap((finding) => {
      const end = rowEndOf(finding, kernel);
      return end === null || isEarly(finding, end, kernel.settings)
        ? []
        : [rowLivedSeconds(finding, end)];
    });
}

const warningOf = (path: PathFacts, configured: number): string => {
  const { lowSeconds, highSeconds } = path.timeout;
  return highSeconds !== null && configured > highSeconds
    ? `this gateway is set to ${configured} s, and connections die after ${highSeconds} s at the latest: ` +
        'another box, or a shorter timer of a rule, is in the way'
    : `this gateway is set to ${configured} s, and silences of ${lowSeconds} s survive: ` +
        'their connections do not depend on its table, or it was set meanwhile';
};

export interface Configured {
  readonly seconds: number;
  readonly name: string;
  readonly agrees: boolean | null;
  readonly warning: string | null;
  readonly rowsEnded: number;
  readonly atMostSeconds: number | null;
}

/** What this gateway is set to for a path whose connections it keeps; null for any other. */
export function configuredOf(path: PathFacts, analysis: Analysis): Configured | null {
  const { kernel } = analysis;
  if (kernel === undefined) return null;
  const lived = livedSeconds(path, analysis, kernel);
  const crosses = path.members.some(({ responderAddress, responderPort }) =>
    kernel.ends.hasRowsTo(responderAddress, responderPort),
  );
  const isHalf = path.tcpState === 'half-closed';
  const value = configuredSeconds(isHalf ? CLOSE_WAIT : ESTABLISHED, kernel.settings);
  if (value === null || (lived.length === 0 && !crosses)) return null;
  const fits = agrees(value, path.timeout);
  return {
    seconds: value,
    name: `nf_conntrack_tcp_timeout_${isHalf ? 'close_wait' : 'established'}`,
    agrees: fits,
    warning: fits === false ? warningOf(path, value) : null,
    rowsEnded: lived.length,
    atMostSeconds: lived.length === 0 ? null : Math.min(...lived),
  };
}

export const configuredReport = (
  path: PathFacts,
  analysis: Analysis,
): Pick<PathReport, 'configured'> =>
  analysis.kernel === undefined ? {} : { configured: configuredOf(path, analysis) };

export function kernelReport({ kernel }: Analysis): Pick<Report, 'conntrack'> {
  if (kernel === undefined) return {};
  const { settings, ends, overruns, sinceNs } = kernel;
  const { heard, open, dropped } = ends.counts;
  return {
    conntrack: {
      listenedSince: rfc3339(sinceNs),
      establishedSeconds: settings.establishedSeconds,
      closeWaitSeconds: settings.closeWaitSeconds,
      loose: settings.loose,
      entries: settings.entries,
      most: settings.most,
      dropped: settings.dropped,
      eventsOf: settings.eventsOf,
      rowsEnded: heard,
      rowsEndedOpen: open,
      rowsForgotten: dropped,
      eventsLost: overruns,
    },
  };
}
