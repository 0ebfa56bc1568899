/** Which traces a run makes and who reads each; a name of two words belongs to a series. */
import { compressTrace, makeTrace } from './traces.js';
import { copy, copyUnpacked, json, oneCore, pool, twoCores } from './contenders.js';

/** N is the main trace's packets; the other sizes follow from it. */
export function scenes({ packets: n, seed, quick, rounds }) {
  const few = Math.min(rounds, 3);
  const trace =
    (kind, packets, more = {}) =>
    () =>
      makeTrace({ kind, packets, seed, ...more });
  const small = trace('small', n);
  const scene = (name, make, more = {}) => ({
    name,
    make,
    contenders: [copy, oneCore, twoCores],
    rounds,
    ...more,
  });
  const packed = (program) =>
    scene(program, () => compressTrace(small(), program), {
      contenders: [copyUnpacked(program), twoCores],
      rounds: few,
      sameAs: 'small',
    });
  return [
    scene('small', small, {
      contenders: [copy, oneCore, twoCores, pool, json],
      peers: true,
      keep: true,
    }),
    scene('pcapng', trace('pcapng', n), { sameAs: 'small' }),
    packed('gzip'),
    packed('zstd'),
    scene('full', trace('full', Math.round(n / 10))),
    scene('many', trace('many', n), { contenders: [copy, oneCore, twoCores, pool] }),
    scene('ipv6', trace('ipv6', n)),
    scene('vxlan', trace('vxlan', n)),
    scene('flood-syn', trace('flood-syn', Math.round(n / 10), { flood: n }), { rounds: few }),
    scene('flood-ack', trace('flood-ack', Math.round(n / 10), { flood: n }), { rounds: few }),
    ...(quick ? [0.1] : [0.1, 4]).map((times) =>
      scene(`linear x${times}`, trace('small', Math.round(n * times)), { rounds: few }),
    ),
    ...[1000, 100, 10].map((share) =>
      scene(`open ${n / share}`, trace('open', n, { flows: Math.round(n / share) }), {
        rounds: few,
      }),
    ),
  ];
}

/** `linear` and `open` name series. */
export const isWanted = (only, name) =>
  only === null || only.has(name) || only.has(name.split(' ')[0]);
