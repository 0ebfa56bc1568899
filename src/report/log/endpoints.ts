/** Addresses that a log line names, with the port where there is one. */
import { isIP } from 'node:net';
import { addressText } from '../../base/record.ts';
import { addressBytes } from '../address.ts';

export interface NamedEndpoint {
  readonly address: string;
  readonly port: number | null;
}

/** Chosen: a line about one connection names two, and a few more when it tells of others. */
const ENDPOINTS = 6;

const V4 = String.raw`(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?!\w|\.\d)`;
/** "1.2.3.4:80", PostgreSQL's "1.2.3.4(80)", "host=1.2.3.4 port=80", `"1.2.3.4", port 80`, JSON. */
const PORT = String.raw`(?::|\(|#|["']?,? {1,2}port[ =:]{1,2}|","(?:remote_)?port":"?)(\d{1,5})(?!\d)`;
/** "[2001:db8::1]:80", and PostgreSQL's "2001:db8::1(80)". */
const V6 = String.raw`\[([0-9a-fA-F:.]{2,45})\](?::(\d{1,5})(?!\d))?|(?<![\w:])([0-9a-fA-F:]{2,39})\((\d{1,5})\)`;

const ANY = new RegExp(`${V4}(?:${PORT})?|${V6}`, 'g');

const canonical = (address: string): string =>
  isIP(address) === 4 ? address : addressText(addressBytes(address), 6);

export function endpointsIn(text: string): readonly NamedEndpoint[] {
  const found: NamedEndpoint[] = [];
  for (const [, v4, port4, bracketed, port6, bare, portBare] of text.matchAll(ANY)) {
    const address = v4 ?? bracketed ?? bare ?? '';
    const digits = port4 ?? port6 ?? portBare;
    const port = digits === undefined ? null : Number(digits);
    if (isIP(address) === 0 || (port !== null && port > 65_535)) continue;
    found.push({ address: canonical(address), port });
    if (found.length === ENDPOINTS) break;
  }
  return found;
}
