/**
 * Decodes Ethernet frames with the `cap` package, an oracle that shares nothing with us. Its own process, since the
 * package must not come near ours. Frames as hex lines on stdin; a JSON line each on stdout. Exit 3 where cap is not
 * installed. (Only its JavaScript is used: the decoders work where its native half was not built.)
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);

function decodersOfCap() {
  try {
    return require('cap/lib/Decoders.js');
  } catch {
    return process.exit(3);
  }
}

const decoders = decodersOfCap();

/** @param {Buffer} frame */
function segmentOf(frame) {
  const ethernet = decoders.Ethernet(frame);
  const six = ethernet.info.type === 0x86dd;
  const ip = six ? decoders.IPV6(frame, ethernet.offset) : decoders.IPV4(frame, ethernet.offset);
  const tcp = decoders.TCP(frame, ip.offset);
  const end = six ? ethernet.offset + 40 + ip.info.payloadlen : ethernet.offset + ip.info.totallen;
  return {
    vlan: ethernet.info.vlan?.VID ?? 0,
    source: ip.info.srcaddr,
    destination: ip.info.dstaddr,
    ttl: six ? ip.info.hopLimit : ip.info.ttl,
    ipId: six ? 0 : ip.info.id,
    sourcePort: tcp.info.srcport,
    destinationPort: tcp.info.dstport,
    seq: tcp.info.seqno,
    ack: tcp.info.ackno ?? null,
    flags: tcp.info.flags & 0xff,
    window: tcp.info.window,
    payload: end - tcp.offset,
  };
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(segmentOf(Buffer.from(line, 'hex')))}\n`);
