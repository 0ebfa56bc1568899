/**
 * Which findings a bounded list keeps: the most telling ones, the same ones every time, in the
 * order of the analysis.
 */
import type { Finding } from '../judge/finding.ts';
import { VERDICTS } from './words.ts';

const rank = (finding: Finding): number => VERDICTS.indexOf(finding.verdict);

export function chooseFindings(findings: readonly Finding[], max: number): readonly Finding[] {
  if (findings.length <= max) return findings;
  const order = findings.map((finding, at) => ({ finding, at }));
  order.sort(
    (a, b) =>
      rank(a.finding) - rank(b.finding) ||
      b.finding.confidence - a.finding.confidence ||
      a.at - b.at,
  );
  const kept = order.slice(0, max).sort((a, b) => a.at - b.at);
  return kept.map(({ finding }) => finding);
}
