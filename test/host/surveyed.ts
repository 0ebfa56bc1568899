/**
 * A made-up machine through the whole survey; what the doctor would print keeps to its schema,
 * every time.
 */
import { Value } from 'typebox/value';
import { expect } from 'vitest';
import { adviceFor } from '../../src/doctor-advice.ts';
import { doctorDocument } from '../../src/host/document.ts';
import type { IdleTimeout } from '../../src/host/idle-timeout.ts';
import { DoctorSchema } from '../../src/host/schema.ts';
import { type Survey, surveyOf } from '../../src/host/survey.ts';
import { type MadeUp, madeUpMachine } from './made-up.ts';

const TOLD: IdleTimeout = { seconds: 350, from: 'flag', paths: [] };

export async function surveyed(made: MadeUp, idle = TOLD): Promise<Survey> {
  const found = await surveyOf(madeUpMachine(made), idle, adviceFor(idle.seconds));
  const document = doctorDocument(found, '2026-01-01T00:00:00Z');
  const printed: unknown = JSON.parse(JSON.stringify(document));
  expect([...Value.Errors(DoctorSchema, printed)]).toEqual([]);
  return found;
}

export const ids = ({ findings }: Survey): string[] => findings.map(({ id }) => id);

/** A kernel log that may be read and holds nothing bad. */
export const LOG = { dmesg: () => '[    0.000000] Linux version 6.1.0\n' };
