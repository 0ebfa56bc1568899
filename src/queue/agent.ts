/** Who sends: an id that an agent keeps for as long as its spool, so that a restart is not another agent. */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ID = /^a_[0-9a-f]{16}$/;

export function agentId(folder: string): string {
  const path = join(folder, 'agent');
  try {
    const known = readFileSync(path, 'utf8').trim();
    if (ID.test(known)) return known;
  } catch {
    // the first start
  }
  const id = `a_${randomBytes(8).toString('hex')}`;
  writeFileSync(`${path}.part`, id, { mode: 0o600 });
  renameSync(`${path}.part`, path);
  return id;
}
