/** Addresses as text ↔ as bytes: IPv4 dotted (4 bytes), IPv6 in any form of RFC 4291 (16 bytes). */

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** An embedded dotted quad as two groups (RFC 4291 §2.2, third form). */
function withoutDots(text: string): string {
  const at = text.lastIndexOf(':') + 1;
  const [a = 0, b = 0, c = 0, d = 0] = text.slice(at).split('.').map(Number);
  return `${text.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function quadBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0) at++;
    else bytes[at] = (bytes[at] ?? 0) * 10 + digit;
  }
  return bytes;
}

/** The address must be one: callers have it from a record, or asked isIP. */
export function addressBytes(address: string): Uint8Array {
  if (!address.includes(':')) return quadBytes(address);
  const text = address.includes('.') ? withoutDots(address) : address;
  const [head = '', tail] = text.split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const bytes = new Uint8Array(16);
  left.forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group;
  });
  right.forEach((group, i) => {
    const at = 16 - 2 * (right.length - i);
    bytes[at] = group >> 8;
    bytes[at + 1] = group;
  });
  return bytes;
}

/** As an endpoint is written: an IPv6 address in brackets before its port (RFC 3986 §3.2.2). */
export const endpointText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
