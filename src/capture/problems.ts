/**
 * Code → hint. The native side knows what happened and says it in a sentence; what a person can do about it is
 * said here, once, so that every door (command, service, worker thread) gives the same advice.
 */
import { AppError, ERROR_EXITS, type ErrorCode } from '../base/errors.ts';
import type { SourceProblem } from './addon.ts';

const HINTS: Partial<Record<ErrorCode, string>> = {
  E_CAPTURE_FILTER: 'the syntax is that of pcap-filter(7), as tcpdump takes it',
  E_CAPTURE_DENIED:
    'run it as root; or give this one service CAP_NET_RAW (AmbientCapabilities= in its systemd unit); ' +
    'or pipe: sudo tcpdump -i IF -s 256 -w - | deadair read -  (docs/privileges.md)',
  E_CAPTURE_DEVICE: '`deadair watch --list` shows the interfaces of this machine',
  E_INPUT_MISSING: 'check the path; several files are given one after the other, stdin is "-"',
  E_INPUT_DENIED:
    'make the file readable for this user, or pipe it in: sudo cat FILE | deadair read -',
  E_INPUT_IS_DIRECTORY: 'name the capture files in it',
  E_INPUT_NOT_A_FILE:
    'give a capture file, a pipe or "-"; a network interface is watched with `deadair watch -i`',
  E_INPUT_EMPTY:
    'nothing was captured into it yet, or the copy failed: compare its size with the original',
  E_INPUT_FORMAT:
    'pcap and pcapng are read, plain or inside gzip or zstd; editcap converts other formats',
  E_INPUT_IO: 'the disk or the network file system failed: copy the file and try again',
  E_INPUT_TRUNCATED:
    'the file ends inside a packet: was it still being written, or is the copy incomplete?',
  E_INPUT_CORRUPT: 'what stands before the damage was read; `tcpdump -r` shows whether it agrees',
  E_INPUT_SHRANK: 'the file became shorter while it was read (rotation?): copy it first',
  E_INPUT_COMPRESSION: 'test the archive with `gzip -t` or `zstd -t`',
  E_INPUT_RATIO:
    'the archive unpacks to far more than its size; unpack it yourself if it can be trusted',
  E_CONNTRACK_DENIED:
    'conntrack events need CAP_NET_ADMIN: see docs/privileges.md, or leave --conntrack out',
  E_PRIVILEGES: '--user needs root, or CAP_SETUID and CAP_SETGID: see docs/privileges.md',
  E_ADDON_MISSING: 'run `npm run setup` in the package',
  E_BAD_ARGUMENT: 'this is a bug in deadair: please report it with the command used',
  E_INTERNAL: 'this is a bug in deadair: please report it with the command used',
};

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERROR_EXITS, code);

export const hintFor = (code: ErrorCode): string => HINTS[code] ?? 'see docs/errors.md';

/** What a source says about its own end, as an error: for when nothing at all could be read. */
export function problemError(name: string, problem: SourceProblem): AppError {
  const code = isErrorCode(problem.code) ? problem.code : 'E_INPUT_IO';
  return new AppError(code, `${name}: ${problem.what}`, hintFor(code));
}

const FILE_ERRORS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['E_INPUT_MISSING', 'no such file'],
  EACCES: ['E_INPUT_DENIED', 'permission denied'],
};

/** A file that Node could not read, captures left aside: a report, a list. */
export function fileError(name: string, thrown: unknown, missing?: string): AppError {
  const { code: system = '' } = thrown as NodeJS.ErrnoException;
  const [code, what] =
    FILE_ERRORS[system] ?? (['E_INPUT_IO', `cannot be read: ${system}`] as const);
  const hint = code === 'E_INPUT_MISSING' ? (missing ?? hintFor(code)) : hintFor(code);
  return new AppError(code, `${name}: ${what}`, hint, thrown);
}

/** Anything thrown below → AppError. The addon throws an Error with a `code`; whatever has none is a bug. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, message } = thrown as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' ? message : String(thrown);
  const known = isErrorCode(code) ? code : 'E_INTERNAL';
  return new AppError(known, text, hintFor(known), thrown);
}
