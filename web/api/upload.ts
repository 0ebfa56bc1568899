/** Sends a capture and says how far it is: fetch cannot tell the progress of an upload, XMLHttpRequest can. */
import { ApiFailure } from './client.ts';
import type { Job } from './shapes.ts';

export interface Upload {
  readonly done: Promise<Job>;
  readonly abort: () => void;
}

function answered(request: XMLHttpRequest): Job {
  const body = JSON.parse(request.responseText || '{}') as Job & {
    title?: string;
    detail?: string;
  };
  if (request.status === 202 || request.status === 200) return body;
  const words = [body.title ?? `The service answered ${request.status}`, body.detail];
  throw new ApiFailure(request.status, words.filter(Boolean).join(': '));
}

export function upload(file: File, shortest: string, onProgress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Job>((resolve, reject) => {
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onProgress(total > 0 ? loaded / total : 0),
    );
    request.addEventListener('load', () => {
      try {
        resolve(answered(request));
      } catch (thrown) {
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      }
    });
    request.addEventListener('error', () => reject(new ApiFailure(0, 'The upload broke off.')));
    request.addEventListener('abort', () => reject(new ApiFailure(0, 'The upload was stopped.')));
  });
  const query = new URLSearchParams({ name: file.name.slice(0, 255) });
  if (shortest !== '') query.set('shortest', shortest);
  request.open('POST', `/api/v1/captures?${query}`);
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.send(file);
  return { done, abort: () => request.abort() };
}
