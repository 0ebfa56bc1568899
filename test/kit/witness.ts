/**
 * Holds every answer of the API against its OpenAPI document: the status must be documented, the body as its schema says.
 * What was seen is remembered, so that at the end a test can ask for what never was.
 */
import Schema from 'typebox/schema';
import { documentOf, type Route, routesOf } from './openapi.ts';
import type { Service } from './service.ts';

const patternOf = ({ path }: Route): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

export class Witness {
  #routes: readonly Route[] = [];
  readonly #seen = new Map<string, Set<number>>();

  async learn(service: Service, init?: RequestInit): Promise<void> {
    this.#routes = routesOf(await documentOf(service, init));
  }

  get routes(): readonly Route[] {
    return this.#routes;
  }

  #routeOf(method: string, path: string): Route {
    const own = this.#routes.filter((route) => route.method === method);
    const exact = own.find((route) => route.path === path);
    const route = exact ?? own.find((one) => patternOf(one).test(path));
    if (route === undefined) throw new Error(`${method} ${path} is not in the document`);
    return route;
  }

  /** Throws where the document does not say so. */
  saw(method: string, url: string, status: number, type: string, body: string): void {
    const route = this.#routeOf(method, url.split('?')[0] ?? '');
    const answer = route.operation.responses[String(status)];
    const where = `${nameOf(route)} → ${status}`;
    if (answer === undefined) throw new Error(`${where} is not documented: ${body.slice(0, 300)}`);
    const seen = this.#seen.get(nameOf(route)) ?? new Set();
    this.#seen.set(nameOf(route), seen.add(status));
    const media = type.split(';')[0] ?? '';
    const content = answer.content?.[media];
    if (answer.content !== undefined && body !== '' && content === undefined)
      throw new Error(`${where}: ${media} is not documented`);
    if (content === undefined || !media.endsWith('json') || media.includes('ndjson')) return;
    const [valid, errors] = Schema.Errors(content.schema, JSON.parse(body));
    if (!valid)
      throw new Error(`${where}: ${JSON.stringify(errors.slice(0, 3))}\n${body.slice(0, 500)}`);
  }

  /** fetch, watched. Streams are looked at, not read. */
  async ask(
    service: Service,
    method: string,
    url: string,
    init: RequestInit = {},
  ): Promise<Response> {
    const stop = new AbortController();
    const answer = await service.get(url, { method, signal: stop.signal, ...init });
    const type = answer.headers.get('content-type') ?? '';
    const isStream = type.startsWith('text/event-stream');
    const text = isStream ? '' : await answer.clone().text();
    this.saw(method, url, answer.status, type, text);
    if (isStream) stop.abort();
    return answer;
  }

  /** "GET /x → 404": documented, and never seen. */
  missing(): string[] {
    return this.#routes.flatMap((route) =>
      Object.keys(route.operation.responses)
        .filter((status) => this.#seen.get(nameOf(route))?.has(Number(status)) !== true)
        .map((status) => `${nameOf(route)} → ${status}`),
    );
  }
}
