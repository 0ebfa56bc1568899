/**
 * An error says what happened, a code for programs, a hint for hands. Thrown for what an operator must fix;
 * bad packets are counted, never thrown. Every code stands in docs/errors.md (a test compares).
 */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  input: 3,
  permission: 4,
  dependency: 5,
  bug: 70,
} as const;

/** Code → exit status of the command line. */
export const ERROR_EXITS = {
  E_USAGE: EXIT.usage,
  E_CONFIG: EXIT.usage,
  E_NAMES: EXIT.usage,
  E_DURATION: EXIT.usage,
  E_CAPTURE_FILTER: EXIT.usage,
  E_ANONYMIZE_KEY: EXIT.usage,
  E_CARVE_STREAM: EXIT.usage,
  E_OUTPUT: EXIT.input,
  E_INPUT_MISSING: EXIT.input,
  E_INPUT_DENIED: EXIT.permission,
  E_INPUT_IS_DIRECTORY: EXIT.input,
  E_INPUT_NOT_A_FILE: EXIT.input,
  E_INPUT_EMPTY: EXIT.input,
  E_INPUT_FORMAT: EXIT.input,
  E_INPUT_IO: EXIT.input,
  E_INPUT_TRUNCATED: EXIT.input,
  E_INPUT_CORRUPT: EXIT.input,
  E_INPUT_SHRANK: EXIT.input,
  E_INPUT_COMPRESSION: EXIT.input,
  E_INPUT_RATIO: EXIT.input,
  E_INPUT_STALE: EXIT.input,
  E_CHECK_TIMEOUT: EXIT.input,
  E_CAPTURE_DENIED: EXIT.permission,
  E_SERVER_UNREACHABLE: EXIT.dependency,
  E_SERVER_DENIED: EXIT.permission,
  E_SERVER_REFUSED: EXIT.input,
  E_SERVER_FAILED: EXIT.dependency,
  E_JOB_FAILED: EXIT.input,
  E_CONNTRACK_DENIED: EXIT.permission,
  E_CONNTRACK_ABSENT: EXIT.dependency,
  E_PRIVILEGES: EXIT.permission,
  E_USER_UNKNOWN: EXIT.usage,
  E_TOKEN: EXIT.usage,
  E_LISTEN: EXIT.input,
  E_EXPOSED: EXIT.usage,
  E_CAPTURE_DEVICE: EXIT.input,
  E_BACKUP: EXIT.input,
  E_STORE: EXIT.dependency,
  E_STORE_NEWER: EXIT.dependency,
  E_REDIS_URL: EXIT.usage,
  E_REDIS_MISSING: EXIT.dependency,
  E_REDIS_AWAY: EXIT.dependency,
  E_DATA_LOCKED: EXIT.dependency,
  E_ANALYSIS_DIED: EXIT.bug,
  E_PAYLOAD: EXIT.bug,
  E_WEBHOOK_KEY: EXIT.dependency,
  E_ADDON_MISSING: EXIT.dependency,
  E_PAGE_MISSING: EXIT.dependency,
  E_LAYOUT_MISMATCH: EXIT.dependency,
  E_BAD_ARGUMENT: EXIT.bug,
  E_WORKER_DIED: EXIT.bug,
  E_INTERNAL: EXIT.bug,
} as const;

export type ErrorCode = keyof typeof ERROR_EXITS;

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = hint;
  }

  get exit(): number {
    return ERROR_EXITS[this.code];
  }
}
