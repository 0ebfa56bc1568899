/** Findings as the text report tells them: by path, and by what they turned out to be. */
import type { Finding, Verdict } from '../../judge/finding.ts';
import { tupleOf, tupleText } from '../../path/correlate/sighting.ts';
import { type Analysis, findingsOf, type PathFacts, pointName } from '../analysis.ts';

export interface PathStory {
  readonly path: PathFacts;
  /** Cut by a box, surely or possibly, in the order of the analysis. */
  readonly cut: readonly Finding[];
  /** Ended by the timer of an application or a proxy. */
  readonly timed: readonly Finding[];
}

export const ofVerdict = (findings: readonly Finding[], verdict: Verdict): readonly Finding[] =>
  findings.filter((finding) => finding.verdict === verdict);

const isCut = (finding: Finding): boolean =>
  finding.verdict === 'box-timeout' || finding.verdict === 'possible-box-timeout';

const certain = (story: PathStory): number => ofVerdict(story.cut, 'box-timeout').length;

/**
 * The paths on which something died alone: the surest first, then the most numerous, then by id.
 */
export function pathStories(analysis: Analysis): readonly PathStory[] {
  let stories = told.get(analysis);
  if (stories === undefined) told.set(analysis, (stories = storiesOf(analysis)));
  return stories;
}

/** Several sections ask. */
const told = new WeakMap<Analysis, readonly PathStory[]>();

function storiesOf(analysis: Analysis): readonly PathStory[] {
  const stories = analysis.paths.map((path) => {
    const findings = findingsOf(analysis, path);
    return {
      path,
      cut: findings.filter(isCut),
      timed: ofVerdict(findings, 'endpoint-timer'),
    };
  });
  return stories
    .filter((story) => story.cut.length > 0 || story.timed.length > 0)
    .sort(
      (a, b) =>
        certain(b) - certain(a) || b.cut.length - a.cut.length || (a.path.id < b.path.id ? -1 : 1),
    );
}

/** Said where there is more than one capture point, and this one has a name. */
export function seenAt({ capturePoint }: PathFacts, analysis: Analysis): string {
  const point = pointName(analysis, capturePoint);
  return analysis.capturePoints.length > 1 && point ? `, seen at ${point}` : '';
}

/**
 * How many connections died: one death may be seen at several capture points, under ids that name each other, and a
 * proxy's two legs were one connection to those who used it.
 */
export const deaths = (findings: readonly Finding[]): number =>
  areAlone(findings) ? findings.length : new Set(findings.map(deathOf)).size;

/** Nothing but one finding a death: no need to name ten thousand. */
function areAlone(findings: readonly Finding[]): boolean {
  const point = findings[0]?.record.capturePoint;
  return findings.every(
    ({ record, sameAs, otherLeg }) =>
      record.capturePoint === point && sameAs === undefined && otherLeg === undefined,
  );
}

const deathOf = (finding: Finding): string | undefined =>
  legs(finding) ?? [finding.id, ...(finding.sameAs ?? [])].sort()[0];

/** Both legs give the same text; null where there is but one. */
const legs = ({ record, otherLeg }: Finding): string | null =>
  otherLeg === undefined ? null : [tupleOf(record), otherLeg].map(tupleText).sort().join(' ');

/** Cut by the box's own timer, unasked: such a silence lasted exactly as long as the box waits. */
export const isExact = ({ signature }: Finding): boolean =>
  signature === 'expiry-reset' || signature === 'expiry-fin';

export const shortest = (findings: readonly Finding[]): bigint =>
  findings.reduce(
    (least, { silenceNs }) => (silenceNs < least ? silenceNs : least),
    findings[0]?.silenceNs ?? 0n,
  );

export const longest = (findings: readonly Finding[]): bigint =>
  findings.reduce((most, { silenceNs }) => (silenceNs > most ? silenceNs : most), 0n);
