/**
 * Where files of the service lie in the data directory. Names are made here, of ids of our own and nothing else: what a
 * client calls a file never becomes part of a path.
 *
 *   incoming/<job>.part    an upload on its way; whatever is left after a crash is swept
 *   captures/<job>         the capture of a job, as it came
 *   reports/<job>/         report.json, report.txt, report.html: what its analysis wrote
 */
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { JOB_ID } from './jobs.ts';

export const FOLDERS = ['incoming', 'captures', 'reports', 'work'] as const;

export type ReportForm = 'json' | 'txt' | 'html';

function checked(job: string): string {
  if (!JOB_ID.test(job)) throw new Error('this is no id of a job');
  return job;
}

export const incomingFile = (data: string, job: string): string =>
  join(data, 'incoming', `${checked(job)}.part`);

export const captureFile = (data: string, job: string): string =>
  join(data, 'captures', checked(job));

export const reportFolder = (data: string, job: string): string =>
  join(data, 'reports', checked(job));

export const reportFile = (data: string, job: string, form: ReportForm): string =>
  join(reportFolder(data, job), `report.${form}`);

export function makeFolders(data: string): void {
  for (const name of FOLDERS) mkdirSync(join(data, name), { recursive: true, mode: 0o700 });
}

/** A rename is on the disk once its folder is. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The capture and everything its analysis wrote. */
export function removeJobFiles(data: string, job: string): void {
  rmSync(captureFile(data, job), { force: true });
  rmSync(reportFolder(data, job), { recursive: true, force: true });
}
