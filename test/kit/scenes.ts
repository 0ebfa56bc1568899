/** Stretches of conversation that most pictures begin with. Times in seconds. */
const at = (seconds: number): string => seconds.toFixed(6);

/** A handshake with 20 ms to the server and one request with its answer: 0.1 s in all, established, quiet. */
export function opened(from = 0, client = 'client', server = 'server'): string {
  return `
    ${at(from)}  ${client} > ${server}  SYN
    ${at(from + 0.02)}  ${server} > ${client}  SYN ACK
    ${at(from + 0.0201)}  ${client} > ${server}  ACK
    ${at(from + 0.021)}  ${client} > ${server}  PSH ACK  100 bytes
    ${at(from + 0.041)}  ${server} > ${client}  ACK
    ${at(from + 0.05)}  ${server} > ${client}  PSH ACK  300 bytes
    ${at(from + 0.0501)}  ${client} > ${server}  ACK`;
}

/** One more request, answered within 20 ms. */
export function exchange(from: number, client = 'client', server = 'server'): string {
  return `
    ${at(from)}  ${client} > ${server}  PSH ACK  100 bytes
    ${at(from + 0.02)}  ${server} > ${client}  PSH ACK  200 bytes
    ${at(from + 0.0201)}  ${client} > ${server}  ACK`;
}

/** Pictures of several connections, in the order of time. */
export function together(...pictures: readonly string[]): string {
  const lines = pictures
    .join('\n')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const time = (line: string): number => Number(line.trim().split(/\s+/)[0]);
  return lines
    .map((line, i) => ({ line, i }))
    .sort((a, b) => time(a.line) - time(b.line) || a.i - b.i)
    .map(({ line }) => line)
    .join('\n');
}
