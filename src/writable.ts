/** Whether a result will find its place, asked before hours of work are done for it. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from './base/errors.ts';
import { visible } from './report/visible.ts';

function refuse(path: string, hint: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    throw new AppError('E_OUTPUT', `cannot write ${visible(path)}: ${code}`, hint, cause);
  }
}

/** A file that is to be made, or made anew, in a folder that is there. Throws E_OUTPUT. */
export function refuseUnwritableFile(path: string): void {
  refuse(path, 'give a file in a folder that may be written', () =>
    accessSync(dirname(resolve(path)), constants.W_OK),
  );
}

/** A folder that is there or can be made: the nearest that exists is a folder and may be written. Throws E_OUTPUT. */
export function refuseUnwritableFolder(path: string): void {
  refuse(path, 'give a folder that may be written', () => {
    let nearest = resolve(path);
    while (!existsSync(nearest)) nearest = dirname(nearest);
    if (!statSync(nearest).isDirectory())
      throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
    accessSync(nearest, constants.W_OK);
  });
}
