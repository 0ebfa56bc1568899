/** The segment that the decoder's tests dress and break. */
import { type IpFields, TCP_FLAG, type TcpFields, timestampOption } from './kit/wire.ts';

export const IP4: IpFields = {
  source: '10.0.0.1',
  destination: '10.0.0.2',
  ttl: 57,
  id: 4660,
  dontFragment: true,
};
export const IP6: IpFields = { ...IP4, source: '2001:db8::1', destination: '2001:db8::2' };
export const TCP: TcpFields = {
  sourcePort: 50_000,
  destinationPort: 27_017,
  seq: 0xfedcba98,
  ack: 0x12345678,
  flags: TCP_FLAG.PSH | TCP_FLAG.ACK,
  window: 501,
  options: timestampOption(1000, 2000),
  payload: Buffer.from('hello'),
};
