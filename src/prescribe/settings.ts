/**
 * From the silence that a path surely survives to the three numbers of TCP keepalive (and to
 * TCP_USER_TIMEOUT).
 *
 * The first probe comes at half of that silence, early enough that three may be lost and a fourth
 * still arrives in time; whole seconds, because that is what the knobs take.
 */
export interface KeepaliveSettings {
  /**
   * Silence before a probe, again after each that was answered: TCP_KEEPIDLE,
   * net.ipv4.tcp_keepalive_time.
   */
  readonly idleSeconds: number;
  /** Between unanswered probes: TCP_KEEPINTVL, net.ipv4.tcp_keepalive_intvl. */
  readonly intervalSeconds: number;
  /**
   * Unanswered probes until the connection is given up: TCP_KEEPCNT, net.ipv4.tcp_keepalive_probes.
   */
  readonly probes: number;
}

const PROBES = 5;
const LONGEST_INTERVAL = 30;

const wholeSeconds = (value: number): number => Math.max(1, Math.floor(value));

export function keepaliveWithin(safeSeconds: number): KeepaliveSettings {
  const interval = Math.min(LONGEST_INTERVAL, Math.max(1, safeSeconds / 10));
  const idle = Math.min(safeSeconds / 2, safeSeconds - 3 * interval);
  const settings = { idleSeconds: wholeSeconds(idle), intervalSeconds: wholeSeconds(interval) };
  return { ...settings, probes: probesWithin(safeSeconds, settings) };
}

/** Fewer where the last of them would come when the box has forgotten the connection already. */
function probesWithin(
  safeSeconds: number,
  { idleSeconds, intervalSeconds }: Omit<KeepaliveSettings, 'probes'>,
): number {
  const fit = Math.ceil((safeSeconds - idleSeconds) / intervalSeconds) - 1;
  return Math.min(PROBES, Math.max(1, fit));
}

/**
 * When keepalive itself would give up: as long may data wait for its acknowledgement
 * (TCP_USER_TIMEOUT).
 */
export const givesUpAfter = (settings: KeepaliveSettings): number =>
  settings.idleSeconds + settings.probes * settings.intervalSeconds;
