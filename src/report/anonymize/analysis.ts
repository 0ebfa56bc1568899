/**
 * An analysis without one true address in it: what is reported from here on cannot say what it does
 * not know.
 */
import { amended } from '../../judge/told.ts';
import { type SilenceRecord, withAddresses } from '../../base/record.ts';
import type { Finding, Tuple } from '../../judge/finding.ts';
import type { Analysis } from '../analysis.ts';
import type { Mask } from './mask.ts';

const maskRecord = (record: SilenceRecord, mask: Mask): SilenceRecord =>
  withAddresses(
    record,
    mask.address(record.originatorAddress),
    mask.address(record.responderAddress),
  );

const maskTuple = ({ originator, responder }: Tuple, mask: Mask): Tuple => ({
  originator: { ...originator, address: mask.address(originator.address) },
  responder: { ...responder, address: mask.address(responder.address) },
});

/** What the other side of a box has told. */
function maskOtherSide(finding: Finding, mask: Mask): Partial<Finding> {
  const { translated, otherLeg, sameAs } = finding;
  return {
    ...(translated === undefined ? {} : { translated: maskTuple(translated, mask) }),
    ...(otherLeg === undefined ? {} : { otherLeg: maskTuple(otherLeg, mask) }),
    ...(sameAs === undefined ? {} : { sameAs: sameAs.map(mask.id) }),
  };
}

export function maskFinding(finding: Finding, mask: Mask): Finding {
  return amended(finding, {
    id: mask.id(finding.id),
    summary: mask.text(finding.summary),
    emitter: { ...finding.emitter, because: finding.emitter.because.map(mask.text) },
    evidence: finding.evidence.map((evidence) => ({ ...evidence, fact: mask.text(evidence.fact) })),
    record: maskRecord(finding.record, mask),
    ...maskOtherSide(finding, mask),
  });
}

export function maskAnalysis(analysis: Analysis, mask: Mask): Analysis {
  return {
    ...analysis,
    sources: analysis.sources.map((source) => ({
      ...source,
      name: mask.text(source.name),
      problem:
        source.problem === null
          ? null
          : { ...source.problem, what: mask.text(source.problem.what) },
    })),
    capturePoints: analysis.capturePoints.map((point) => ({
      ...point,
      name: mask.text(point.name),
    })),
    findings: analysis.findings.map((finding) => maskFinding(finding, mask)),
    paths: analysis.paths.map((path) => ({
      ...path,
      id: mask.id(path.id),
      responderAddress: mask.address(path.responderAddress),
      findingIds: path.findingIds.map(mask.id),
      members: path.members.map((member) => ({
        ...member,
        id: mask.id(member.id),
        responderAddress: mask.address(member.responderAddress),
      })),
    })),
    bursts: analysis.bursts.map((burst) => ({
      ...burst,
      reading: mask.text(burst.reading),
      findingIds: burst.findingIds.map(mask.id),
    })),
  };
}
