/**
 * What to do about a path, for somebody who has never heard of keepalive: what to send and when, on
 * which end, and the lines to copy for Linux and for the software that the server probably is.
 */
import type { Prescription, Remedy } from '../../prescribe/prescription.ts';
import type { RemedyLine } from '../../prescribe/stack/stack.ts';
import { durationOfSeconds } from './quantity.ts';

/** A paragraph with its label; the same label twice in a row stands only once. */
export interface Labelled {
  readonly label: string;
  readonly text: string;
}

/** net.ipv4.tcp_keepalive_time, Documentation/networking/ip-sysctl.rst */
const LINUX_KEEPALIVE_SECONDS = 7200;

const OTHER_WAYS =
  'A ping of the application will do as well, or a longer timeout, if the box is yours.';
const ON_SHARED_HOSTS =
  'On a host that has part in several of these paths, the shortest times serve all.';

const ENDS = { originator: 'The client', responder: 'The server', either: 'Either end' } as const;

function whichEnd({ probing }: Remedy): string {
  const must = probing.side === 'either' ? 'will do' : 'must do it';
  return `${ENDS[probing.side]} ${must}: ${probing.because}.`;
}

function howSure({ safe }: Remedy): string[] {
  if (!safe.isProvisional) return [];
  const length = durationOfSeconds(safe.seconds);
  const from =
    safe.from === 'survivors'
      ? `${length} is the longest silence that several survived`
      : `${length} is a third of the shortest silence that was killed`;
  return [`Provisional, as the true limit may be lower still: ${from}.`];
}

/** Where probes were seen, the line on keepalive says how they fared. */
const aboutLinux = ({ safe }: Remedy, { crossed }: Prescription['keepalive']): string[] =>
  crossed === null && safe.seconds < LINUX_KEEPALIVE_SECONDS
    ? [`Linux's default of ${LINUX_KEEPALIVE_SECONDS} s comes too late.`]
    : [];

/** `isRepeated`: what keepalive is has been said on an earlier path. */
function whatToDo(
  remedy: Remedy,
  keepalive: Prescription['keepalive'],
  isRepeated: boolean,
): string {
  const { idleSeconds, intervalSeconds, probes, safe } = remedy;
  const first = isRepeated
    ? ['TCP keepalive: a probe after every']
    : [
        'TCP keepalive does that, small probes that the operating system sends by itself:',
        'one after every',
      ];
  return [
    `let one end send something before ${durationOfSeconds(safe.seconds)} of silence have passed.`,
    ...first,
    `${idleSeconds} s of silence, repeated every ${intervalSeconds} s while nobody answers;`,
    `after ${probes} in vain it gives the connection up.`,
    ...(isRepeated ? [] : [OTHER_WAYS]),
    whichEnd(remedy),
    ...howSure(remedy),
    ...aboutLinux(remedy, keepalive),
    ...(isRepeated ? [ON_SHARED_HOSTS] : []),
  ].join(' ');
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What is to be copied stays as it is. */
const told = ({ kind, text }: RemedyLine): string => (kind === 'set' ? text : sentence(text));

/** "Redis, server" under the label "Redis" is "server: …". */
function belowLabel(label: string, line: RemedyLine): string {
  if (line.stack === label) return told(line);
  const whose = line.stack.startsWith(`${label}, `)
    ? line.stack.slice(label.length + 2)
    : line.stack;
  return `${whose}: ${line.text}${line.kind === 'set' ? '' : '.'}`;
}

/** Chosen: the most useful ones; the others are in the JSON report. */
const LINES_OF_STACK = 3;

const labelled = (label: string, lines: readonly RemedyLine[], stack: string): Labelled[] =>
  lines.filter((line) => line.stack === stack).map((line) => ({ label, text: told(line) }));

const howGuessed = ({ stackFrom, port }: Remedy): string =>
  stackFrom === 'first-bytes'
    ? 'By the first bytes of its connections, that is what is spoken here:'
    : `If that is what listens on port ${port}:`;

function stackLines(remedy: Remedy): Labelled[] {
  const { stack, lines } = remedy;
  if (stack === null) return labelled('In programs', lines, 'Any program');
  const own = lines.filter(({ stack: whose }) => whose.startsWith(stack));
  return [
    { label: stack, text: howGuessed(remedy) },
    ...own
      .slice(0, LINES_OF_STACK)
      .map((line) => ({ label: stack, text: belowLabel(stack, line) })),
  ];
}

/** Notes hold for every path: they are said once, those on a piece of software once for each. */
function unsaid(remedy: Remedy, earlier: readonly Remedy[]): Remedy {
  if (earlier.length === 0) return remedy;
  const known = earlier.map(({ stack }) => stack);
  const isNew = ({ kind, stack }: RemedyLine): boolean =>
    kind === 'set' ||
    (remedy.stack !== null && stack.startsWith(remedy.stack) && !known.includes(remedy.stack));
  return { ...remedy, lines: remedy.lines.filter(isNew) };
}

const linesOf = (remedy: Remedy): Labelled[] => [
  ...labelled('On Linux', remedy.lines, 'Linux'),
  ...labelled('In containers', remedy.lines, 'Containers'),
  ...labelled('No hanging', remedy.lines, 'TCP_USER_TIMEOUT'),
  ...stackLines(remedy),
];

function hintLine(prescription: Prescription): Labelled[] {
  const hints = prescription.hints.filter(({ layer }) => layer === 'L4');
  const [first] = hints;
  if (first === undefined) return [];
  const boxes = hints.map(({ box, isGeneralKnowledge }) =>
    isGeneralKnowledge ? `${box} (not checked with its vendor)` : box,
  );
  const names =
    boxes.length === 1 ? boxes[0] : `${boxes.slice(0, -1).join(', ')} and ${boxes.at(-1)}`;
  const text = `a hint, no proof: ${durationOfSeconds(first.seconds)} is the default of ${names}.`;
  return [{ label: 'Which box', text }];
}

function againstTimer({ timerLines }: Prescription): Labelled[] {
  if (timerLines === null) return [];
  const lines = timerLines.map((line) => ({
    label: 'What to do',
    text: line.stack === 'Application' ? told(line) : `${line.stack}: ${line.text}.`,
  }));
  return [{ label: 'What to do', text: 'TCP keepalive does not help here.' }, ...lines];
}

/** `isCertain`: a box surely did it. `earlier`: what was prescribed above. */
export function cure(
  prescription: Prescription,
  isCertain: boolean,
  earlier: readonly Prescription[],
): readonly Labelled[] {
  const { remedy, keepalive, remarks } = prescription;
  if (remedy === null) return againstTimer(prescription);
  const above = earlier.flatMap((one) => one.remedy ?? []);
  const advice = whatToDo(remedy, keepalive, above.length > 0);
  const said = earlier.flatMap((one) => one.remarks);
  return [
    ...hintLine(prescription),
    ...remarks
      .filter((remark) => !said.includes(remark))
      .map((remark) => ({ label: 'Note', text: sentence(remark) })),
    ...(keepalive.reading === null
      ? []
      : [{ label: 'Keepalive', text: sentence(keepalive.reading) }]),
    { label: 'What to do', text: isCertain ? advice : `if it is a box: ${advice}` },
    ...linesOf(unsaid(remedy, above)),
  ];
}
