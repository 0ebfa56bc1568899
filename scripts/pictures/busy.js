/** Pages of a service at work: somebody watches (root only), webhooks were sent and refused, and live events come in. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { EVERY, inShapes, shootAll } from './camera.js';
import { serving, until } from './services.js';

/** Takes what comes to /hook, and is broken everywhere else. */
async function receiver() {
  const server = createServer((request, answer) => {
    request.resume().on('end', () => answer.writeHead(request.url === '/hook' ? 204 : 500).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function subscribe(url, at) {
  const post = (path, body) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const events = ['finding.created', 'path.estimated', 'job.completed'];
  const { id } = await (await post('/api/v1/webhooks', { url: at, events })).json();
  await post(`/api/v1/webhooks/${id}/test`, {});
  return id;
}

const tried = ({ items }) => items.length > 0 && items.every(({ tries }) => tries > 0);

/** Each shape with kills that the service does not know yet. */
const KILLS = {
  light: 'v6-reject',
  dark: 'reject',
  wide: 'dnat',
  narrow: 'push',
  'narrow-dark': 'expiry-reset',
};

async function liveIn(page, service, shape, file) {
  await page.goto(`${service.url}/live`);
  await page.getByText('Connected:').waitFor();
  await service.job(KILLS[shape], '1s');
  await page.locator('.happenings code', { hasText: 'job.completed' }).first().waitFor();
  await page.screenshot({ path: file, fullPage: true });
}

export async function shootBusy(browser, folder) {
  const watching = process.getuid() === 0 ? ['--watch', 'lo'] : [];
  const service = await serving({ flags: ['--webhook-allow', '127.0.0.1/32', ...watching] });
  const server = await receiver();
  const to = `http://127.0.0.1:${server.address().port}`;
  try {
    const hooks = [
      await subscribe(service.url, `${to}/hook`),
      await subscribe(service.url, `${to}/broken`),
    ];
    await service.job('dnat-90', '20s');
    for (const id of hooks) {
      const deliveries = () => service.json(`/api/v1/webhooks/${id}/deliveries`);
      await until('deliveries', async () => tried(await deliveries()));
    }
    if (watching.length > 0) {
      await until('an agent', async () => (await service.json('/api/v1/agents')).items.length > 0);
    }
    await shootAll(browser, folder, [
      ['busy-webhooks', `${service.url}/webhooks`],
      ['busy-webhook', `${service.url}/webhooks/${hooks[0]}`],
      ['busy-webhook-broken', `${service.url}/webhooks/${hooks[1]}`],
      ['busy-agents', `${service.url}/agents`],
      ['busy-overview', service.url],
      ['busy-settings', `${service.url}/settings`],
    ]);
    await inShapes(browser, EVERY, (page, shape) =>
      liveIn(page, service, shape, join(folder, `busy-live-${shape}.png`)),
    );
  } finally {
    server.close();
    server.closeAllConnections();
    await service.stop();
  }
}
