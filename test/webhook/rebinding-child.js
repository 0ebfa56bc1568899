// In namespaces of its own (mounts, network): a name server that lies, a public address, and loopback.
// node rebinding-child.js PUBLIC_ANSWERS [keep|close] → JSON: what was answered, who was connected to. With the second
// argument two deliveries, the first over a connection that the endpoint keeps or closes.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { reachableWith } from '../../dist/src/webhook/guard/addresses.js';
import { vetted, Ways } from '../../dist/src/webhook/guard/agent.js';
import { post } from '../../dist/src/webhook/post.js';

const PUBLIC = '93.184.215.14';
const [, , wanted, afterwards] = process.argv;
const publicAnswers = Number(wanted);
const TYPE_A = 1;

/** The question's type stands behind its name: labels, a zero, then two bytes (RFC 1035 §4.1.2). */
function typeAt(message) {
  let at = 12;
  while (message[at] !== 0) at += message[at] + 1;
  return { type: message.readUInt16BE(at + 1), end: at + 5 };
}

function answerTo(message, address) {
  const { type, end } = typeAt(message);
  const head = Buffer.from(message.subarray(0, end));
  head.writeUInt16BE(0x8580, 2); // an answer, authoritative
  head.writeUInt16BE(type === TYPE_A ? 1 : 0, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  if (type !== TYPE_A) return head;
  const record = Buffer.from([
    0xc0,
    12,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    4,
    ...address.split('.').map(Number),
  ]);
  return Buffer.concat([head, record]);
}

const answered = [];
const names = createSocket('udp4');
names.on('message', (message, { port, address }) => {
  const says = answered.length < publicAnswers ? PUBLIC : '127.0.0.1';
  if (typeAt(message).type === TYPE_A) answered.push(says);
  names.send(answerTo(message, says), port, address);
});
await new Promise((resolve) => names.bind(53, '127.0.0.1', resolve));

const connections = { public: 0, loopback: 0 };
async function listen(host, who) {
  const headers = afterwards === 'close' ? { connection: 'close' } : {};
  const server = createServer((_, response) => response.writeHead(204, headers).end());
  server.on('connection', () => connections[who]++);
  await new Promise((resolve) => server.listen(8080, host, resolve));
}
await listen(PUBLIC, 'public');
await listen('127.0.0.1', 'loopback');

const url = new URL('http://rebinding.example.net:8080/hook');
const reach = reachableWith([]);
const atSubscription = await vetted(url, reach).then(
  () => 'taken',
  (thrown) => thrown.message,
);
const ways = new Ways(reach);
const send = () => post({ url, headers: {}, body: '{}' }, { ways });
const answer = await send();
const second = afterwards === undefined ? null : await send();
process.stdout.write(JSON.stringify({ atSubscription, answer, second, answered, connections }));
process.exit(0);
