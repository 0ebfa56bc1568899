/** What the doctor looked at, healthy or not: so that "nothing found" can be believed. */
import type { Conntrack } from './host/conntrack.ts';
import type { KeepaliveSysctls } from './host/keepalive.ts';
import type { Survey, SurveyedNamespace } from './host/survey.ts';
import { type Page, paragraph } from './report/text/page.ts';
import { count, duration, number } from './report/text/quantity.ts';
import { NS_PER_SECOND } from './base/units.ts';

/** Chosen: more namespaces and interfaces than this are in the JSON document. */
const NAMED = 6;
const LABEL = 12;

const seconds = (value: number): string => duration(BigInt(value) * NS_PER_SECOND);

function keepaliveText(keepalive: KeepaliveSysctls | null): string {
  if (keepalive === null) return 'not seen';
  const { timeSeconds, intervalSeconds, probes, retries2 } = keepalive;
  const rhythm = `${timeSeconds} s, then every ${intervalSeconds} s, ${probes} times`;
  return `${rhythm}; tcp_retries2 ${retries2}`;
}

function conntrackText({ entries, most, establishedSeconds, loose, dropped }: Conntrack): string {
  const parts = [`${number(entries)} of ${number(most)} entries`];
  if (establishedSeconds !== null) parts.push(`established ${seconds(establishedSeconds)}`);
  if (loose !== null) parts.push(`loose ${loose ? 1 : 0}`);
  if (dropped !== null) parts.push(`${number(dropped)} dropped`);
  return parts.join(', ');
}

function namespaceText({ namespace, keepalive, conntrack }: SurveyedNamespace): string {
  const table = conntrack === null ? '' : `; conntrack ${conntrackText(conntrack)}`;
  return `${namespace.name}: keepalive ${keepaliveText(keepalive)}${table}`;
}

function networkLines({ namespaces, interfaces }: Survey): [string, string][] {
  const [own, ...others] = namespaces;
  const rest = others.length - NAMED;
  const cards = interfaces.all.slice(0, NAMED).map(({ name, received, rings, ...lost }) => {
    const sum = lost.ringDropped + lost.receiveDropped + lost.sendDropped;
    const ring =
      rings.sizes === null ? '' : ` (ring ${rings.sizes.receive} of ${rings.sizes.receiveMost})`;
    return `${name}${ring} ${number(received)} received, ${number(sum)} lost`;
  });
  const table = own?.conntrack ?? null;
  return [
    ['keepalive', keepaliveText(own?.keepalive ?? null)],
    ['conntrack', table === null ? 'not loaded' : conntrackText(table)],
    ...others
      .slice(0, NAMED)
      .map((each, i): [string, string] => [i === 0 ? 'namespaces' : '', namespaceText(each)]),
    ...(rest > 0 ? [['', `and ${count(rest, 'more')}`] as [string, string]] : []),
    ['interfaces', cards.length === 0 ? 'none' : cards.join('; ')],
  ];
}

function nodesText({ numa: { nodes, zoneReclaimMode, databases } }: Survey): string {
  const mode = zoneReclaimMode === null ? '' : `, zone_reclaim_mode ${zoneReclaimMode}`;
  const servers = databases.length === 0 ? '' : `, ${count(databases.length, 'MongoDB process')}`;
  return `${count(nodes, 'memory node')}${mode}${servers}`;
}

function limitsText({ limits }: Survey): string {
  const parts = limits.machine
    .filter(({ kind }) => kind !== 'nproc')
    .map(({ kind, used, most }) => `${kind} ${number(used)} of ${number(most)}`);
  const users = limits.machine.length - parts.length;
  return [
    ...parts,
    ...(users > 0 ? [`nproc of ${count(users, 'user')}`] : []),
    `pids.max of ${count(limits.groups.length, 'control group')}`,
  ].join(', ');
}

export function looked(survey: Survey, page: Page): string[] {
  const { kernelLog } = survey;
  const lines: readonly [string, string][] = [
    ...networkLines(survey),
    ['memory', nodesText(survey)],
    ['limits', limitsText(survey)],
    ['kernel log', kernelLog.lines === null ? 'not seen' : count(kernelLog.lines, 'line')],
  ];
  return lines.flatMap(([label, text]) => paragraph(page, text, 2, undefined, label.padEnd(LABEL)));
}
