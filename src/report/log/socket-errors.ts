/**
 * The errors by which a program learns that its connection is gone, in the words of errno(3), of
 * strerror(3) and of runtimes that shorten them (Java: "Connection reset").
 */
export const SOCKET_ERRORS = ['ECONNRESET', 'ETIMEDOUT', 'EPIPE'] as const;
export type SocketError = (typeof SOCKET_ERRORS)[number];

const RESET = String.raw`\bECONNRESET\b|\bconnection reset\b|\breset by peer\b`;
const TIMED_OUT = String.raw`\bETIMEDOUT\b|\btimed[ -]out\b`;
const PIPE = String.raw`\bEPIPE\b|\bbroken pipe\b`;
/** Linux on most machines: asm-generic/errno.h. "errno:110", "[Errno 104]", "(os error 32)". */
const NUMBER = String.raw`\b(?:errno|err|error)\b[\s:=#]{0,3}(104|110|32)\b`;

const ANY = new RegExp(`(${RESET})|(${TIMED_OUT})|(${PIPE})|${NUMBER}`, 'gi');

const BY_NUMBER: Readonly<Record<string, SocketError>> = {
  '104': 'ECONNRESET',
  '110': 'ETIMEDOUT',
  '32': 'EPIPE',
};

/** Each once, in the order in which the line names them. */
export function socketErrors(text: string): readonly SocketError[] {
  const found = new Set<SocketError>();
  for (const [, reset, timedOut, pipe, number = ''] of text.matchAll(ANY)) {
    if (reset !== undefined) found.add('ECONNRESET');
    else if (timedOut !== undefined) found.add('ETIMEDOUT');
    else if (pipe !== undefined) found.add('EPIPE');
    else if (BY_NUMBER[number] !== undefined) found.add(BY_NUMBER[number]);
  }
  return [...found];
}
