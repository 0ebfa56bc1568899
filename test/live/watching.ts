/** `deadair watch` in a namespace, with its lines as they come. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';
import type { report } from '../../src/report/document.ts';
import type { FindingReport } from '../../src/report/schema.ts';
import { ended, printed, start } from '../lab/namespaces.ts';

const DEADAIR = join(packageRoot(), 'bin', 'deadair');

export interface Told {
  readonly finding: FindingReport;
  /** When its line was read, seconds since 1970. */
  readonly atSeconds: number;
}

export class Watching {
  readonly child: ChildProcess;
  readonly told: Told[] = [];
  #out = '';
  #rest = '';
  #wake: () => void = () => {};

  private constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    child.once('exit', () => this.#wake());
  }

  /** Resolves when it captures. */
  static async on(namespace: string, flags: readonly string[]): Promise<Watching> {
    const child = start(namespace, [DEADAIR, 'watch', ...flags]);
    const watching = new Watching(child);
    await printed(child, /deadair: watching/);
    return watching;
  }

  #hear(text: string): void {
    this.#out += text;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('{"id"')) continue;
      this.told.push({ finding: JSON.parse(line) as FindingReport, atSeconds: Date.now() / 1000 });
    }
    this.#wake();
  }

  /** What was written to stdout. */
  get out(): string {
    return this.#out;
  }

  /** Waits for what it says next, until the question has an answer. */
  async until<T>(question: (watching: this) => T | undefined, withinMs: number): Promise<T> {
    const late = Date.now() + withinMs;
    for (;;) {
      const answer = question(this);
      if (answer !== undefined) return answer;
      const left = late - Date.now();
      if (left <= 0)
        throw new Error(`not within ${withinMs} ms; it said: ${this.#out.slice(-2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Ends it; how long that took. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    const begun = performance.now();
    await ended(this.child, signal);
    return (performance.now() - begun) / 1000;
  }

  /** Ends it; its report, where --json was asked for. */
  async report(): Promise<ReturnType<typeof report>> {
    await this.end();
    return JSON.parse(this.#out) as ReturnType<typeof report>;
  }
}
