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

function whatToDo(remedy: Remedy, keepalive: Prescription['keepalive']): string {
  const { idleSeconds, intervalSeconds, probes, safe } = remedy;
  return [
    `let one end send something before ${durationOfSeconds(safe.seconds)} of silence have passed.`,
    'TCP keepalive does that, small probes that the operating system sends by itself: one ' +
      'after every',
    `${idleSeconds} s of silence, repeated every ${intervalSeconds} s while nobody ` +
      `answers; after ${probes} in vain it`,
    'gives the connection up.',
    'A ping of the application will do as well, or a longer timeout, if the box is yours.',
    whichEnd(remedy),
    ...howSure(remedy),
    ...aboutLinux(remedy, keepalive),
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

function stackLines({ stack, port, lines }: Remedy): Labelled[] {
  if (stack === null) return labelled('In programs', lines, 'Any program');
  const first = lines.findIndex(({ stack: whose }) => whose.startsWith(stack));
  return [
    { label: stack, text: `If that is what listens on port ${port}:` },
    ...lines
      .slice(first, first + LINES_OF_STACK)
      .map((line) => ({ label: stack, text: belowLabel(stack, line) })),
  ];
}

const labelled = (label: string, lines: readonly RemedyLine[], stack: string): Labelled[] =>
  lines.filter((line) => line.stack === stack).map((line) => ({ label, text: told(line) }));

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

/** `isCertain`: a box surely did it. */
export function cure(prescription: Prescription, isCertain: boolean): readonly Labelled[] {
  const { remedy, keepalive, remarks } = prescription;
  if (remedy === null) return againstTimer(prescription);
  const advice = whatToDo(remedy, keepalive);
  return [
    ...hintLine(prescription),
    ...remarks.map((remark) => ({ label: 'Note', text: sentence(remark) })),
    ...(keepalive.reading === null
      ? []
      : [{ label: 'Keepalive', text: sentence(keepalive.reading) }]),
    { label: 'What to do', text: isCertain ? advice : `if it is a box: ${advice}` },
    ...linesOf(remedy),
  ];
}
