/** `deadair check --server` against the real API: what it says, and how it exits. */
import { describe, expect, test } from 'vitest';
import { accept } from '../src/report/intake/accept.ts';
import { noticeSilentAgents, recordHeartbeat } from '../src/report/store/agents.ts';
import { said } from './kit/command.ts';
import { allTokens, type Service, TOKENS, withService } from './kit/service.ts';
import { aBatch, aFinding, aPath } from './kit/store.ts';

const check = (service: Service, ...args: readonly string[]) =>
  said(['check', '--server', service.url, ...args]);

const at = (msAgo: number): string => new Date(Date.now() - msAgo).toISOString();

/** `sequence`: the same connection, seen at several points. */
const kill = (id: string, msAgo: number, sequence = id) =>
  aFinding(id, {
    flow: { sequence: `s_${sequence.slice(2)}` },
    verdict: 'box-timeout',
    silence: { endedAt: at(msAgo) },
    ending: { at: at(msAgo) },
  });

function beat({ db }: Service, agent: string, drops: number, msAgo: number): void {
  const interfaces = [{ name: 'in0', up: true, packets: 100, drops }];
  const rest = { host: 'gateway', interfaces, blindSeconds: 0, spoolBytes: 0, findings: 0 };
  recordHeartbeat(db, { agent, at: at(msAgo), ...rest }, Date.now() - msAgo);
}

describe('a service is asked', () => {
  test('kills of the last hour; one seen on both sides is one', () =>
    withService({}, async (service) => {
      const findings = [
        kill('f_1', 60_000),
        kill('f_2', 60_000, 'f_1'),
        kill('f_3', 120_000),
        kill('f_old', 2 * 3_600_000),
      ];
      accept(service.db, aBatch({ findings }), Date.now());
      const { status, out } = await check(service, '--metric', 'kills', '-w', '1');
      expect(out).toBe('DEADAIR WARNING - 2 kills in the last hour | kills=2;1;;0\n');
      expect(status).toBe(1);
    }));

  test('the lowest timeout of all paths; none known is no fault', () =>
    withService({}, async (service) => {
      const none = await check(service, '--metric', 'timeout', '-c', '300:');
      expect([none.status, none.out]).toEqual([0, expect.stringContaining('timeout=U;')]);
      const timeout = (seconds: number) => ({
        status: 'estimated' as const,
        estimateSeconds: seconds,
      });
      const paths = [
        aPath('p_1', { timeout: timeout(350) }),
        aPath('p_2', { timeout: timeout(90) }),
      ];
      accept(service.db, aBatch({ paths }), Date.now());
      const { status, out } = await check(service, '--metric', 'timeout', '-c', '300:');
      expect([status, out]).toEqual([
        2,
        expect.stringMatching(/lowest idle timeout 90 s.*timeout=90s;/),
      ]);
    }));

  test('what agents dropped, and which are silent', () =>
    withService({}, async (service) => {
      beat(service, 'gw1', 3, 0);
      beat(service, 'gw2', 4, 600_000);
      noticeSilentAgents(service.db, Date.now());
      expect((await check(service, '--metric', 'drops')).out).toContain('drops=7c;');
      const { status, out } = await check(service, '--metric', 'agents', '-c', '0');
      expect(out).toBe('DEADAIR CRITICAL - 1 of 2 agents silent: gw2 | agents=1;;0;0\n');
      expect(status).toBe(2);
    }));

  test('a service that wants a token gets it from the environment', () =>
    withService(
      { context: { rules: { tokens: allTokens(), trusting: false, names: [], scheme: 'http' } } },
      async (service) => {
        const args = ['check', '--server', service.url, '--metric', 'agents'];
        const denied = await said(args);
        expect([denied.status, denied.out]).toEqual([
          3,
          expect.stringContaining('E_SERVER_DENIED'),
        ]);
        const env = { DEADAIR_TOKEN: TOKENS.read };
        expect((await said(args, { env })).out).toContain('DEADAIR OK - 0 of 0 agents');
      },
    ));
});

describe('findings for other programs', () => {
  test.each([
    ['ecs', 'network'],
    ['eve', 'alert'],
  ])('format=%s is a row a line', (format, field) =>
    withService({}, async (service) => {
      accept(service.db, aBatch({ findings: [kill('f_1', 0), kill('f_2', 0)] }), Date.now());
      const response = await service.get(`/api/v1/findings?format=${format}`);
      expect(response.headers.get('content-type')).toContain('application/x-ndjson');
      const lines = (await response.text()).trim().split('\n');
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(JSON.parse(line)).toHaveProperty(field);
      expect(lines.join('')).toContain(aFinding('f_1').flow.communityId);
    }),
  );
});
