/**
 * A log file, plain or gzip, of any size: read as a stream, a line at a time, in bounded memory. Bytes
 * that are no UTF-8 become U+FFFD; what lies behind the cut of an endless line is skipped.
 */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError, type ErrorCode } from '../../base/errors.ts';
import { LogScan } from './scan.ts';

export interface LogFile {
  readonly name: string;
  readonly scan: LogScan;
  /** False where a gzip stream ends in the middle. */
  readonly complete: boolean;
}

/** Chosen: errors and endpoints stand near the beginning of a line. */
const LINE = 8192;

const NEWLINE = 0x0a;

class Lines {
  readonly #scan: LogScan;
  #parts: Buffer[] = [];
  #length = 0;
  #begun = false;

  constructor(scan: LogScan) {
    this.#scan = scan;
  }

  take(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(NEWLINE, from);
      if (at < 0) break;
      this.#add(chunk.subarray(from, at));
      this.#whole();
      from = at + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  /** A file's last line may lack its newline. */
  end(): void {
    if (this.#begun) this.#whole();
  }

  #whole(): void {
    this.#scan.take(Buffer.concat(this.#parts).toString('utf8').replace(/\r$/, ''));
    this.#parts = [];
    this.#length = 0;
    this.#begun = false;
  }

  /** Copied: a slice would hold the whole chunk. */
  #add(bytes: Buffer): void {
    this.#begun = true;
    const kept = bytes.subarray(0, LINE - this.#length);
    if (kept.length === 0) return;
    this.#parts.push(Buffer.from(kept));
    this.#length += kept.length;
  }
}

const HINT = 'give --log a text file that this user may read, plain or gzip';

const SYSTEM: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['E_INPUT_MISSING', 'no such file'],
  EACCES: ['E_INPUT_DENIED', 'permission denied'],
  EISDIR: ['E_INPUT_IS_DIRECTORY', 'a directory, not a log'],
};

function systemError(path: string, thrown: unknown): AppError {
  const { code: systemCode = '' } = thrown as NodeJS.ErrnoException;
  const [code, what] = SYSTEM[systemCode] ?? (['E_INPUT_IO', systemCode] as const);
  return new AppError(code, `${path}: ${what}`, HINT, thrown);
}

const isGzip = (chunk: Buffer): boolean => chunk[0] === 0x1f && chunk[1] === 0x8b;

/** Everything that `zlib` says of bad data has a code of this form. */
const isDamage = (thrown: unknown): boolean =>
  /^Z_|^ERR_ZLIB/.test((thrown as NodeJS.ErrnoException).code ?? '');

/** Unpacked where its first bytes say so. */
async function* unpacked(raw: Readable): AsyncGenerator<Buffer> {
  const chunks = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  if (first.done === true) return;
  async function* all(): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      yield next.value;
    }
  }
  if (!isGzip(first.value)) yield* all();
  else yield* gunzip(all());
}

async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(packed, { objectMode: false });
  const zipped = createGunzip();
  source.on('error', (error) => zipped.destroy(error));
  for await (const chunk of source.pipe(zipped)) yield chunk as Buffer;
}

/** Throws AppError where the file cannot be read. */
export async function readLog(path: string, signal?: AbortSignal): Promise<LogFile> {
  const scan = new LogScan();
  const lines = new Lines(scan);
  const raw = createReadStream(path);
  let complete = true;
  try {
    for await (const chunk of unpacked(raw)) {
      signal?.throwIfAborted();
      lines.take(chunk);
    }
  } catch (thrown) {
    if (signal?.aborted === true) throw thrown;
    if (!isDamage(thrown)) throw systemError(path, thrown);
    complete = false;
  } finally {
    raw.destroy();
  }
  lines.end();
  return { name: path, scan, complete };
}
