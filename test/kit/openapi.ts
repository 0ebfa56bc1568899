/** The service's own OpenAPI document, as tests walk it. */
import type { Service } from './service.ts';

export interface Answer {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

export interface Operation {
  readonly operationId?: string;
  readonly responses: Readonly<Record<string, Answer>>;
  readonly security?: readonly unknown[];
  readonly 'x-roles'?: readonly string[];
}

export interface Route {
  readonly method: string;
  /** As the document has it: /api/v1/jobs/{id} */
  readonly path: string;
  readonly operation: Operation;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export async function documentOf(service: Service, init?: RequestInit): Promise<Document> {
  return (await (await service.get('/openapi.json', init)).json()) as Document;
}

export const routesOf = ({ paths }: Document): readonly Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );

/** Some address of this route. */
export const addressOf = ({ path }: Route): string => path.replaceAll(/\{\w+\}/g, 'x');
