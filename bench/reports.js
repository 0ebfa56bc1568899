/** deadair's report against the trace's truth, and reports against each other. */
import { createHash } from 'node:crypto';

/** What the bench needs of it; `print` is equal for equal reports, whatever the file was called. */
export function readReport(output) {
  const report = JSON.parse(output);
  const sources = report.sources.map((source) => ({
    ...source,
    name: null,
    format: null,
  }));
  const print = createHash('sha256')
    .update(JSON.stringify({ ...report, sources }))
    .digest('hex');
  return { print, raw: createHash('sha256').update(output).digest('hex'), ...figures(report) };
}

function figures(report) {
  const sum = (field) => report.sources.reduce((total, source) => total + source[field], 0);
  const signatures = {};
  for (const finding of report.findings) {
    if (!finding.verdict.endsWith('box-timeout')) continue;
    signatures[finding.signature] = (signatures[finding.signature] ?? 0) + 1;
  }
  return {
    packets: sum('packets'),
    tcpPackets: sum('tcpPackets'),
    resets: report.resets.total,
    evicted: report.flows.evicted,
    killed: report.silences.killed,
    idleCloses: report.findings.filter(({ signature }) => signature === 'idle-close').length,
    signatures,
  };
}

/** Sentences about what differs from the truth; none is a proof. */
export function contradictions(found, truth) {
  const expected = [
    ['packets', found.packets, truth.packets],
    ['TCP packets', found.tcpPackets, truth.tcpPackets],
    ['resets', found.resets, truth.resets.total],
    ['killed silences', found.killed, truth.silences.killed],
    ['closes by an idle timer', found.idleCloses, 0],
    ...Object.entries(truth.kills).map(([name, count]) => [
      name,
      found.signatures[name] ?? 0,
      count,
    ]),
  ];
  return expected
    .filter(([, seen, told]) => seen !== told)
    .map(([what, seen, told]) => `${what}: ${seen} reported, ${told} in the trace`);
}
