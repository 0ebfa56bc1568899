/** Doors of the native core: napi.h ends at addon/, pcap.h ends at source/. The rest is plain C++. */
import type { SourceFile } from './tree.ts';

const includes = (text: string, header: RegExp): boolean =>
  [...text.matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].some(([, name]) =>
    header.test(name ?? ''),
  );

const NAPI = /^(?:napi|napi-inl|node_api|js_native_api|node|v8|uv)\.h$/;
const BORDER = /^addon\//;
const PCAP = /^(?:pcap\.h|pcap\/.*)$/;

export function headersOutsideTheirDoors(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => [
    ...(path.startsWith('native/addon/')
      ? []
      : [
          ...(includes(text, NAPI) ? [`${path} knows napi.h`] : []),
          ...(includes(text, BORDER) ? [`${path} knows the border`] : []),
        ]),
    ...(includes(text, PCAP) && !path.startsWith('native/source/') ? [`${path} knows pcap.h`] : []),
  ]);
}
