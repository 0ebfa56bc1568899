/**
 * The files that carving writes: one a finding and link type, whole or not at all.
 *
 * They grow under a name of their own, created exclusively, and are renamed at the end; a rename
 * replaces a symbolic link instead of following it, so nothing outside of the folder is ever
 * written. Packets wait in memory up to a bound, and no file stays open, so that ten thousand
 * findings need neither.
 */
import { closeSync, constants, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { makeFolder } from '../../base/folder.ts';
import { linkTypeName } from '../link-types.ts';
import { pcapHeader, pcapRecord } from './pcap-file.ts';

/** Chosen. */
const HELD_BYTES = 16 * 2 ** 20;

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

interface OpenFile {
  readonly name: string;
  created: boolean;
  held: Buffer[];
}

export interface Packet {
  readonly atNs: bigint;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly wireBytes: number;
}

function complain<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw new AppError(
      'E_OUTPUT',
      `cannot write into ${folder}: ${code}`,
      'give --carve a folder that may be written',
      cause,
    );
  }
}

export class CarveSink {
  readonly #folder: string;
  readonly #files = new Map<string, OpenFile>();
  /** The first link type of a finding has the plain name. */
  readonly #linkTypes = new Map<string, number>();
  #heldBytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
    complain(folder, () => makeFolder(folder));
  }

  write(findingId: string, packet: Packet): void {
    const file = this.#file(findingId, packet.linkType);
    const record = pcapRecord(packet.atNs, packet.bytes, packet.wireBytes);
    file.held.push(record);
    this.#heldBytes += record.length;
    if (this.#heldBytes > HELD_BYTES) this.#flush();
  }

  /** Gives every file its name; answers how many there are. */
  finish(): number {
    this.#flush();
    complain(this.#folder, () => {
      for (const file of this.#files.values())
        renameSync(this.#part(file), join(this.#folder, file.name));
    });
    return this.#files.size;
  }

  /** Leaves nothing half done behind. */
  abandon(): void {
    for (const file of this.#files.values()) {
      if (file.created) rmSync(this.#part(file), { force: true });
    }
  }

  #file(findingId: string, linkType: number): OpenFile {
    const first = this.#linkTypes.get(findingId) ?? linkType;
    this.#linkTypes.set(findingId, first);
    const name =
      first === linkType ? `${findingId}.pcap` : `${findingId}.${linkTypeName(linkType)}.pcap`;
    let file = this.#files.get(name);
    if (file === undefined) {
      file = { name, created: false, held: [pcapHeader(linkType)] };
      this.#files.set(name, file);
    }
    return file;
  }

  #part(file: OpenFile): string {
    return join(this.#folder, `.${file.name}.${process.pid}.part`);
  }

  #flush(): void {
    complain(this.#folder, () => {
      for (const file of this.#files.values()) if (file.held.length > 0) this.#append(file);
    });
    this.#heldBytes = 0;
  }

  #append(file: OpenFile): void {
    const how = file.created ? O_WRONLY | O_APPEND : O_WRONLY | O_CREAT | O_EXCL;
    const descriptor = openSync(this.#part(file), how | O_NOFOLLOW, 0o600);
    file.created = true;
    try {
      const bytes = Buffer.concat(file.held);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    } finally {
      closeSync(descriptor);
    }
    file.held = [];
  }
}
