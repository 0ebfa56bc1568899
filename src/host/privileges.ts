/**
 * Giving up what root may do (`--user NAME`): after it this process is an ordinary user's that may open capture sockets and
 * nothing else.
 *
 * Capabilities belong to threads (capabilities(7)). The calling thread keeps those that are named, and so do threads that it
 * starts afterwards; the threads of now, and programs started later, have none. So: open what needs more, then drop, then
 * start workers.
 */
import { execFileSync } from 'node:child_process';
import { AppError } from '../base/errors.ts';
import { addon } from '../capture/addon.ts';

/** linux/capability.h */
export const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_NET_RAW: 13 } as const;

export type CapabilityName = keyof typeof CAPABILITIES;

export interface Account {
  readonly name: string;
  readonly user: number;
  readonly group: number;
  /** Supplementary, the own one among them. */
  readonly groups: readonly number[];
}

/** A name, or a number of a user that need not be listed anywhere: then its group has the same number. */
export function accountOf(name: string): Account {
  const ids = (flag: string): number[] =>
    execFileSync('id', [flag, '--', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split(/\s+/)
      .map(Number);
  try {
    const [[user], [group], groups] = [ids('-u'), ids('-g'), ids('-G')];
    if (user === undefined || group === undefined) throw new Error('id printed nothing');
    return { name, user, group, groups };
  } catch (cause) {
    const number = /^\d{1,9}$/.test(name) ? Number(name) : null;
    if (number !== null) return { name, user: number, group: number, groups: [number] };
    const hint = 'give the name or the number of a user, for instance --user nobody';
    throw new AppError('E_USER_UNKNOWN', `there is no user ${name}`, hint, cause);
  }
}

/** Whether the calling thread has it now. */
export const may = (name: CapabilityName): boolean =>
  (addon().effectiveCapabilities() & (1n << BigInt(CAPABILITIES[name]))) !== 0n;

/**
 * Becomes `account` for good. Throws E_PRIVILEGES where a step is refused; the process must end then.
 *
 * A capability that is to be kept and is not there cannot be kept: whoever starts without CAP_NET_RAW has none after it.
 */
export function dropTo(account: Account, keep: readonly CapabilityName[] = ['CAP_NET_RAW']): void {
  const { user, group, groups } = account;
  const kept = keep.filter((name) => may(name)).map((name) => CAPABILITIES[name]);
  addon().dropPrivileges({ user, group, groups, keep: kept });
}
