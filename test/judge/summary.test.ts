import { describe, expect, test } from 'vitest';
import { FLOW_FLAG, TRIGGER } from '../../src/base/silence.ts';
import { judge } from '../../src/judge/judge.ts';
import {
  alone,
  findingOf,
  idleFin,
  lateReset,
  scene,
  unanswered,
  unaskedReset,
} from './records.ts';

const CONNECTION = 'The connection from client 192.0.2.10:40000 to server 198.51.100.9:27017';

describe('one sentence for somebody who never heard of keepalive', () => {
  test('blames the box, says how long, and what to do', () => {
    expect(
      findingOf(lateReset({ silent: 93.5, after: 0.000075, record: { endingTtl: 64 } }))?.summary,
    ).toBe(
      `${CONNECTION} was silent for 93.5 s; when the client spoke again, a reset came back after 75 µs: ` +
        'not the server but a box on the way (NAT, firewall or load balancer) did that, it drops connections ' +
        'within 93.5 s of silence; keep them busier (TCP keepalive, or a ping of the application) or raise ' +
        "the box's idle timeout.",
    );
  });

  test('says "may" where a restart would look the same, and how to find out', () => {
    expect(findingOf(lateReset())?.summary).toMatch(
      /may drop connections within 350 s of silence, but a restart of the server would look the same; a second capture nearer to the server would tell\.$/,
    );
  });

  test('knows the timeout exactly where the box announced it', () => {
    const summary = findingOf(unaskedReset({ silent: 90, record: { endingTtl: 64 } }))?.summary;
    expect(summary).toContain('although nobody had said anything');
    expect(summary).toContain('drops connections after 90 s of silence');
  });

  test('tells how long the application hung before it gave up', () => {
    const summary = findingOf(unanswered(), scene({ responderAnswered: () => true }))?.summary;
    expect(summary).toContain(
      'what the client sent then was never answered (7 attempts in 12.6 s)',
    );
  });

  test('names the probe and the FIN for what they are', () => {
    const probe = findingOf(unanswered({ kind: TRIGGER.keepalive }))?.summary;
    expect(probe).toContain('the keepalive probe that the client sent then was never answered');
    const fin = findingOf(unanswered({ kind: TRIGGER.fin }))?.summary;
    expect(fin).toContain('the closing FIN that the client sent then');
  });

  test("does not send anybody to the network for an application's own timer", () => {
    const closes = [0, 7, 14, 21].map((from, i) => idleFin({ silent: 60, from, port: 40000 + i }));
    const summary = judge(closes, alone).judgements[0]?.finding?.summary;
    expect(summary).toContain('was closed by the server itself 60 s after the last data');
    expect(summary).toContain('TCP keepalive does not stop it');
    expect(summary).not.toContain('box');
  });

  test('calls nobody client or server where nobody saw who opened the connection', () => {
    const flowFlags = FLOW_FLAG.midStream | FLOW_FLAG.sawSide0 | FLOW_FLAG.sawSide1;
    const summary = findingOf(lateReset({ record: { flowFlags } }))?.summary;
    expect(summary).toMatch(
      /^The connection between 192\.0\.2\.10:40000 and 198\.51\.100\.9:27017/,
    );
    expect(summary).not.toMatch(/client|server/);
  });
});
