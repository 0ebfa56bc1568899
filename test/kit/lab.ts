/** The lab captures and what is true of them: test/captures/README.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.ts';

export interface LabFlow {
  readonly label: string;
  readonly mode: string;
  readonly client: readonly [string, number];
  readonly server: readonly [string, number];
}

export interface Truth {
  readonly scenario: string;
  readonly nat_timeout_s: number;
  readonly flows: readonly LabFlow[];
}

const folder = (scenario: string): string =>
  join(packageRoot(), 'test', 'captures', 'lab', scenario);

export const labFile = (scenario: string, file: string): string => join(folder(scenario), file);

export const truthOf = (scenario: string): Truth =>
  JSON.parse(readFileSync(labFile(scenario, 'truth.json'), 'utf8')) as Truth;
