/** The bench's own command line. */
import { parseArgs } from 'node:util';

export const USAGE = `usage: npm run bench -- [options]
  --packets N    packets of the main trace (default 1e7; the others follow from it)
  --quick        a tenth of that, two rounds, no trace longer than the main one
  --only A,B     only these traces: small, full, many, ipv6, vxlan, pcapng, gzip, zstd, flood-syn,
                 flood-ack, linear, open, startup, stages, live (needs root)
  --peers WHICH  all (default) or fast: tcpdump alone, which the bars are measured against
  --rounds N     rounds of the fast contenders (default 5)
  --seed N       seed of the traces (default 1)
  --keep         leave the traces in bench/traces
  --verdict      exit 1 when a bar is missed
  --no-write     leave bench/results.md as it is
  --install      install the peers' Debian packages first`;

const OPTIONS = {
  packets: { type: 'string' },
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  peers: { type: 'string', default: 'all' },
  rounds: { type: 'string' },
  seed: { type: 'string', default: '1' },
  keep: { type: 'boolean', default: false },
  verdict: { type: 'boolean', default: false },
  'no-write': { type: 'boolean', default: false },
  install: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const count = (text, fallback) => Math.round(Number(text ?? fallback));

export function readArguments(words) {
  const { values } = parseArgs({ args: words, options: OPTIONS });
  return {
    ...values,
    words,
    packets: count(values.packets, values.quick ? 1e6 : 1e7),
    rounds: count(values.rounds, values.quick ? 2 : 5),
    seed: count(values.seed),
    only: values.only === undefined ? null : new Set(values.only.split(',')),
  };
}
