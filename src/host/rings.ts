/** What a network card's driver says of its rings: how large they are, and what it lost by its own count. */
import type { NativeRings } from '../capture/addon.ts';

export interface Rings {
  /** In descriptors; null where the card has none, as most virtual ones. */
  readonly sizes: NativeRings['sizes'];
  /** The driver's counters of lost packets that are not 0, by its own names (`ethtool -S`). */
  readonly losses: Readonly<Record<string, number>>;
}

/**
 * Names by which drivers count packets that found no room: ixgbe rx_no_dma_resources, i40e and e1000e rx_no_buffer_count,
 * mlx5 rx_out_of_buffer, ena rx_drops, virtio_net rx_drops, bnxt rx_discards, and rx_missed, rx_fifo of many.
 */
const LOSS =
  /(?:no_?buf|nobuf|no_dma|out_of_buf|missed|fifo_err|overrun|ring_full|alloc_(?:fail|err)|discard|drops?$|dropped)/i;

/** Chosen: a card with hundreds of queues has hundreds of counters. */
const MOST = 20;

export function ringsFrom({ sizes, counters }: NativeRings): Rings {
  const losses = Object.entries(counters)
    .filter(([name, value]) => value > 0 && LOSS.test(name))
    .sort(([, one], [, other]) => other - one)
    .slice(0, MOST);
  return { sizes, losses: Object.fromEntries(losses) };
}

export const NO_RINGS: Rings = { sizes: null, losses: {} };
