import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endpointsIn } from '../../../src/report/log/endpoints.ts';
import { timeOfLine } from '../../../src/report/log/formats.ts';
import { socketErrors } from '../../../src/report/log/socket-errors.ts';
import { withYear, type WrittenTime } from '../../../src/report/log/written-time.ts';
import { parseZone } from '../../../src/report/log/zone.ts';

/** Every line but those without a zone tells the same moment. */
const MOMENT = Date.UTC(2014, 10, 14, 12, 52, 0, 356);
const SECOND = Date.UTC(2014, 10, 14, 12, 52, 0);

const utc = ({ fieldsMs, zoneMinutes }: WrittenTime): number =>
  Math.round(fieldsMs - (zoneMinutes ?? 0) * 60_000);

const SEED_RECV =
  'Fri Nov 14 12:52:00.356 [replslave] Socket recv() errno:110 Connection timed out 192.168.1.1:27017 …';
const SEED_SEND =
  'Fri Nov 14 12:52:00.356 [replslave] Socket flush send() errno:104 Connection reset by peer';

describe('the seed story', () => {
  test.each([
    [SEED_RECV, 'ETIMEDOUT'],
    [SEED_SEND, 'ECONNRESET'],
  ])('%s', (line, error) => {
    const timed = timeOfLine(line);
    expect(timed).toMatchObject({
      format: 'mongodb',
      time: { hasYear: false, zoneMinutes: null },
    });
    expect(withYear(timed?.time as WrittenTime, Date.UTC(2014, 11, 1))).toBe(MOMENT);
    expect(socketErrors(line)).toEqual([error]);
  });

  test('both errors on one line are both heard', () => {
    expect(socketErrors(`${SEED_RECV} ${SEED_SEND}`)).toEqual(['ETIMEDOUT', 'ECONNRESET']);
    expect(endpointsIn(SEED_RECV)).toEqual([{ address: '192.168.1.1', port: 27017 }]);
  });
});

describe('the time of a line', () => {
  test.each([
    ['mongodb', '2014-11-14T12:52:00.356+0000 I NETWORK  [conn1] end connection', MOMENT],
    ['mongodb', '2014-11-14T20:52:00.356+0800 [conn1] end connection', MOMENT],
    [
      'mongodb-json',
      '{"t":{"$date":"2014-11-14T13:52:00.356+01:00"},"s":"I","c":"NETWORK"}',
      MOMENT,
    ],
    ['mongodb-json', '{"t": {"$date": "2014-11-14T12:52:00.356Z"}, "s": "I"}', MOMENT],
    ['syslog', '<165>1 2014-11-14T12:52:00.356Z host app 42 - - reset', MOMENT],
    ['syslog', '<34>1 2014-11-14T04:52:00.356-08:00 host app - - - reset', MOMENT],
    ['postgresql', '2014-11-14 12:52:00.356 UTC [7] LOG:  could not receive data', MOMENT],
    ['postgresql', '2014-11-14 12:52:00 GMT app@db 10.0.0.5(55432) LOG:  reset', SECOND],
    ['postgresql', 'app@db 10.0.0.5(55432) 2014-11-14 20:52:00.356 +08 FATAL:  reset', MOMENT],
    ['postgresql', '1415969520.356 [7] LOG:  could not receive data', MOMENT],
    [
      'postgresql',
      '2014-11-14 12:52:00.356 UTC,"app","db",7,"10.0.0.5:55432",x,1,"idle",LOG,08006',
      MOMENT,
    ],
    ['other', '2014-11-14T12:52:00.356789+00:00 host app[1]: reset', MOMENT + 0.789],
    ['other', '10.0.0.5 - - [14/Nov/2014:20:52:00 +0800] "GET / HTTP/1.1" 502', SECOND],
    ['other', '{"level":50,"time":1415969520356,"msg":"read ECONNRESET"}', MOMENT],
    ['other', '{"level":"error","ts":1415969520.356,"msg":"reset"}', MOMENT],
    ['other', '1415969520 reset', SECOND],
  ])('%s: %s', (format, line, moment) => {
    const timed = timeOfLine(line);
    expect(timed?.format).toBe(format);
    expect(timed?.time.zoneMinutes).not.toBeNull();
    expect(utc(timed?.time as WrittenTime)).toBe(Math.round(moment));
  });

  test.each([
    ['2014-11-14 12:52:00.356 CST [7] LOG:  reset', 'postgresql', true, MOMENT],
    ['2014-11-14 12:52:00,356 ERROR [pool-1] reset', 'other', true, MOMENT],
    [
      '2014/11/14 12:52:00 [error] 7#7: *1 recv() failed (104: Connection reset by peer)',
      'other',
      true,
      SECOND,
    ],
    ['14-Nov-2014 12:52:00.356 SEVERE [http-1] reset', 'other', true, MOMENT],
    ['[Fri Nov 14 12:52:00 2014] [error] (104)Connection reset by peer', 'other', true, SECOND],
    ['Nov 14 12:52:00 host app[1]: reset', 'syslog', false, SECOND],
    ['<13>Nov 14 12:52:00 host app[1]: reset', 'syslog', false, SECOND],
    ['1:M 14 Nov 12:52:00.356 # reset', 'other', false, MOMENT],
    ['1:M 14 Nov 2014 12:52:00.356 # reset', 'other', true, MOMENT],
  ])('%s leaves its zone open', (line, format, hasYear, moment) => {
    const timed = timeOfLine(line);
    expect(timed).toMatchObject({ format, time: { hasYear, zoneMinutes: null } });
    expect(withYear(timed?.time as WrittenTime, MOMENT)).toBe(moment);
  });

  test.each([
    'Connection reset by peer',
    '2014-13-14 12:52:00 reset',
    '2014-02-30 12:52:00 reset',
    'Fri Nov 14 25:52:00.356 [replslave] reset',
    'Fri Xov 14 12:52:00.356 [replslave] reset',
    '12345678901234567890 reset',
  ])('%s has none', (line) => {
    expect(timeOfLine(line)).toBeNull();
  });

  test('a year that is not written is the one nearest to the capture', () => {
    const december = timeOfLine('Dec 31 23:59:59 host app: reset')?.time as WrittenTime;
    expect(withYear(december, Date.UTC(2027, 0, 1))).toBe(Date.UTC(2026, 11, 31, 23, 59, 59));
    const leapDay = timeOfLine('Feb 29 12:00:00 host app: reset')?.time as WrittenTime;
    expect(withYear(leapDay, Date.UTC(2025, 2, 1))).toBe(Date.UTC(2024, 1, 29, 12));
  });
});

describe('the errors of a line', () => {
  test.each([
    ['read ECONNRESET', ['ECONNRESET']],
    ['java.net.SocketException: Connection reset', ['ECONNRESET']],
    ['[Errno 104] something', ['ECONNRESET']],
    ['failed (os error 32)', ['EPIPE']],
    ['write: broken pipe', ['EPIPE']],
    ['dial tcp: i/o timeout, connection TIMED OUT', ['ETIMEDOUT']],
    ['connect ETIMEDOUT 10.0.0.1:80, then EPIPE', ['ETIMEDOUT', 'EPIPE']],
    ['error 1040: too many connections; errno 11', []],
    ['the statement timeout of 104 ms', []],
  ])('%s', (text, errors) => {
    expect(socketErrors(text)).toEqual(errors);
  });
});

describe('the endpoints of a line', () => {
  test.each([
    ['peer 10.0.0.5:55432 gone', [['10.0.0.5', 55432]]],
    ['app@db 10.0.0.5(55432) LOG', [['10.0.0.5', 55432]]],
    ['to server at "10.0.0.5", port 5432 failed', [['10.0.0.5', 5432]]],
    ['host=10.0.0.5 port=5432 dbname=x', [['10.0.0.5', 5432]]],
    ['"remote_host":"10.0.0.5","remote_port":5432', [['10.0.0.5', 5432]]],
    [
      '[2001:DB8:0::9]:27017 and 2001:db8::a(5432)',
      [
        ['2001:db8::9', 27017],
        ['2001:db8::a', 5432],
      ],
    ],
    ['from 10.0.0.5 at 12:52:00', [['10.0.0.5', null]]],
    ['version 1.2.3.4.5 and 300.1.1.1:5 and 1.2.3.4:99999', []],
  ])('%s', (text, places) => {
    expect(endpointsIn(text)).toEqual(places.map(([address, port]) => ({ address, port })));
  });
});

describe('--log-timezone', () => {
  test('a place has its summer time, an offset has none', () => {
    const berlin = parseZone('Europe/Berlin');
    expect(berlin.minutesAt(Date.UTC(2026, 0, 15, 12))).toBe(60);
    expect(berlin.minutesAt(Date.UTC(2026, 6, 15, 12))).toBe(120);
    expect(parseZone('-03:30').minutesAt(0)).toBe(-210);
    expect(parseZone('UTC').minutesAt(0)).toBe(0);
    expect(parseZone('local').minutesAt(0)).toBeTypeOf('number');
  });

  test('what is none is refused', () => {
    expect(() => parseZone('Mars/Olympus')).toThrow(/no time zone/);
  });
});

const LINES = [
  SEED_RECV,
  SEED_SEND,
  '{"t":{"$date":"2014-11-14T13:52:00.356+01:00"},"s":"I","c":"NETWORK","msg":"reset by peer"}',
  '2014-11-14 12:52:00 GMT app@db 10.0.0.5(55432) LOG:  Connection timed out',
  '<165>1 2014-11-14T12:52:00.356Z host app 42 - - [2001:db8::1]:80 broken pipe',
  '1:M 14 Nov 2014 12:52:00.356 # [14/Nov/2014:20:52:00 +0800] errno 104',
];

const reads = (line: string): void => {
  const timed = timeOfLine(line);
  if (timed !== null) {
    expect(Number.isFinite(withYear(timed.time, MOMENT))).toBe(true);
  }
  for (const { port } of endpointsIn(line)) expect(port ?? 0).toBeLessThan(65_536);
  expect(socketErrors(line).length).toBeLessThanOrEqual(3);
};

describe('whatever a line holds, nothing is thrown', () => {
  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), reads), { numRuns: 3000 });
  });

  test('good lines with other characters in them', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...LINES), fc.nat(), fc.nat(6), fc.string({ maxLength: 4 }))
      .map(([line, at, cut, text]) => {
        const from = at % line.length;
        return line.slice(0, from) + text + line.slice(from + cut);
      });
    fc.assert(fc.property(damaged, reads), { numRuns: 5000 });
  });

  test('good lines with other digits', () => {
    const renumbered = fc
      .tuple(fc.constantFrom(...LINES), fc.array(fc.nat(9), { minLength: 40, maxLength: 40 }))
      .map(([line, digits]) => {
        let next = 0;
        return line.replace(/\d/g, () => String(digits[next++ % digits.length]));
      });
    fc.assert(fc.property(renumbered, reads), { numRuns: 3000 });
  });

  test.each(['1.', '1:', '[', 'a:', '2014-11-14 ', 'Nov 14 ', '"port', ' ', '0'])(
    'a long line of "%s" costs no more than its length',
    (piece) => {
      const line = piece.repeat(8192 / piece.length);
      const started = performance.now();
      reads(line);
      expect(performance.now() - started).toBeLessThan(200);
    },
  );
});
