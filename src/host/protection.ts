/** Which connections keepalive would keep alive, in every namespace that can be seen. */
import type { NotSeen } from './finding.ts';
import { type IdleTimeout, timeoutOf } from './idle-timeout.ts';
import type { Machine } from './machine.ts';
import { type Namespace, namespacesOf } from './namespaces.ts';
import { ownersOf } from './owners.ts';
import type { Process } from './processes.ts';
import { type Program, programsNotSeen, programsOf } from './programs.ts';
import { type Connections, connectionsOf } from './sockets.ts';

export interface Protection {
  readonly namespaces: readonly Namespace[];
  readonly connections: Connections;
  readonly programs: readonly Program[];
  /** There may be more connections than these. */
  readonly isPartial: boolean;
  readonly notSeen: readonly NotSeen[];
}

/** proc(5), hidepid=2: not even their numbers show. Process 1 is always there. */
function hiddenProcesses(processes: readonly Process[]): NotSeen[] {
  if (processes.length === 0 || processes.some(({ pid }) => pid === 1)) return [];
  const what = 'the processes of other users: /proc is mounted with hidepid';
  return [{ what, needs: 'CAP_SYS_PTRACE, or the group that the mount names' }];
}

export function protectionOf(
  machine: Machine,
  processes: readonly Process[],
  idle: IdleTimeout,
): Protection {
  const { all: namespaces, notSeen } = namespacesOf(machine, processes);
  const owners = ownersOf(machine, processes);
  const connections = connectionsOf(namespaces, { machine, owners, timeoutOf: timeoutOf(idle) });
  const blind = [...hiddenProcesses(processes), ...notSeen];
  return {
    namespaces,
    connections,
    programs: programsOf(connections),
    isPartial: blind.length > 0 || connections.unread > 0,
    notSeen: [...blind, ...programsNotSeen(connections, owners.hidden)],
  };
}
