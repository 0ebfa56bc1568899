/** `--names FILE`: every form in which the service hands out findings has the names of their addresses. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { labFile } from '../kit/lab.ts';
import { type Service, withService } from '../kit/service.ts';

/** Of the lab's server, as somebody hostile might call it. */
const SERVER = '=db-primary';
const names = { of: (address: string) => (address === '192.168.77.1' ? SERVER : null) };

async function exported(service: Service): Promise<Record<string, string>> {
  const body = new Uint8Array(readFileSync(labFile('dnat', 'inside.pcap')));
  const headers = { 'content-type': 'application/octet-stream' };
  const query = '/api/v1/captures?shortest=1s';
  expect((await service.get(query, { method: 'POST', body, headers })).status).toBe(202);
  await service.settled();
  const forms = ['csv', 'ndjson', 'ecs', 'eve'].map(async (format) => {
    const text = await (await service.get(`/api/v1/findings?format=${format}`)).text();
    return [format, text.split('\n')[format === 'csv' ? 1 : 0] ?? ''] as const;
  });
  return Object.fromEntries(await Promise.all(forms));
}

test('exports name the addresses that have a name, each in its own way, and no others', async () => {
  await withService({ context: { names } }, async (service) => {
    const { csv = '', ndjson = '', ecs = '', eve = '' } = await exported(service);
    // The name of the originator is missing; that of the responder does not compute in a spreadsheet.
    expect(csv.trimEnd()).toMatch(/,,"?'=db-primary"?$/);
    const { flow } = JSON.parse(ndjson) as { flow: object };
    expect(flow).toMatchObject({ responder: { address: '192.168.77.1', name: SERVER } });
    expect(flow).not.toHaveProperty('originator.name');
    const row = JSON.parse(ecs) as object;
    expect(row).toMatchObject({ destination: { ip: '192.168.77.1', domain: SERVER } });
    expect(row).not.toHaveProperty('source.domain');
    const { deadair } = JSON.parse(eve) as { deadair: object };
    expect(deadair).toMatchObject({ dest_name: SERVER });
    expect(deadair).not.toHaveProperty('src_name');
  });
});
