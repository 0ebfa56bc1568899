/** Findings as rows of other programs: the fields that those programs look at, and the ID that joins them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ecsRow } from '../../src/report/export/ecs.ts';
import { eveRow, eveTime, FIRST_SID } from '../../src/report/export/eve.ts';
import type { FindingReport } from '../../src/report/schema.ts';
import { SIGNATURES } from '../../src/report/words.ts';
import { labKills } from '../webhook/kills.ts';

let finding: FindingReport;
beforeAll(async () => {
  finding = (await labKills()).findings[0] as FindingReport;
});

const tagged = (): FindingReport => ({
  ...finding,
  flow: {
    ...finding.flow,
    capturePoint: 'in0',
    vlan: 12,
    translated: {
      originator: { address: '198.51.100.1', port: 40_000 },
      responder: { address: '198.51.100.9', port: 27_018 },
    },
  },
});

describe('ECS', () => {
  test('a finding is an alert about a TCP connection, with the Community ID where ECS has it', () => {
    expect(ecsRow(finding)).toMatchObject({
      '@timestamp': finding.ending.at,
      event: { kind: 'alert', category: ['network'], id: finding.id, action: 'late-reset' },
      network: { transport: 'tcp', type: 'ipv4', community_id: finding.flow.communityId },
      source: { ip: '192.168.77.2', port: finding.flow.originator.port },
      destination: { ip: '192.168.77.1', port: 27_017 },
      related: { ip: ['192.168.77.2', '192.168.77.1'] },
    });
  });

  test('durations are nanoseconds, VLANs text, the other side of a NAT stands under nat', () => {
    expect(ecsRow(tagged())).toMatchObject({
      event: { duration: Math.round(finding.silence.seconds * 1e9) },
      network: { vlan: { id: '12' } },
      observer: { ingress: { interface: { name: 'in0' } } },
      source: { nat: { ip: '198.51.100.1', port: 40_000 } },
      destination: { nat: { ip: '198.51.100.9', port: 27_018 } },
    });
  });

  test('what is not known is left out, not null', () => {
    const row = ecsRow(finding);
    expect(row['network']).not.toHaveProperty('vlan');
    expect(row['source']).not.toHaveProperty('nat');
  });

  test('without a reset it has the time of the packet that broke the silence', () => {
    const mute = { ...finding, ending: { ...finding.ending, at: null } };
    expect(ecsRow(mute)['@timestamp']).toBe(finding.silence.endedAt);
  });
});

describe('EVE', () => {
  test('a finding is an alert with Suricata’s names, times and the Community ID', () => {
    expect(eveRow(tagged())).toMatchObject({
      timestamp: '2026-11-22T20:13:09.748550+0000',
      event_type: 'alert',
      in_iface: 'in0',
      vlan: [12],
      src_ip: '192.168.77.2',
      dest_ip: '192.168.77.1',
      dest_port: 27_017,
      proto: 'TCP',
      community_id: finding.flow.communityId,
      alert: { severity: 1, signature_id: FIRST_SID + SIGNATURES.indexOf('late-reset') },
    });
  });

  test('every signature has a number in the range for local rules', () => {
    const ids = SIGNATURES.map((signature) => {
      const { alert } = eveRow({ ...finding, signature }) as { alert: { signature_id: number } };
      return alert.signature_id;
    });
    expect(new Set(ids).size).toBe(SIGNATURES.length);
    expect(ids.every((id) => id >= 1_000_000 && id < 2_000_000)).toBe(true);
  });

  test('the same finding has the same flow_id, another one another', () => {
    const id = eveRow(finding)['flow_id'] as number;
    expect(eveRow(tagged())['flow_id']).toBe(id);
    expect(eveRow({ ...finding, id: 'f_0' })['flow_id']).not.toBe(id);
    expect(Number.isSafeInteger(id)).toBe(true);
  });

  test.each([
    ['2026-11-22T20:13:09.748550123Z', '2026-11-22T20:13:09.748550+0000'],
    ['2026-11-22T20:13:09Z', '2026-11-22T20:13:09.000000+0000'],
  ])('%s is %s', (time, text) => {
    expect(eveTime(time)).toBe(text);
  });
});
