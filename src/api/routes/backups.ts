/** Backups: those that there are, and a new one. Where they are is for the configuration to say, and nobody else. */
import * as z from 'zod';
import { BackupFailed } from '../../transfer/backups';
import { Problem } from '../problem';
import { route, type Route } from '../route';
import { dateOf } from '../../xmpp/dates';

const CODES = { running: 'conflict', full: 'policy-violation', failed: 'resource-constraint' } as const;

/** A sentence for whoever asked; the log has it too. */
function problemOfBackup(error: unknown): unknown {
  if (!(error instanceof BackupFailed)) return error;
  return new Problem(CODES[error.reason], error.text);
}

export const backups: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/backups',
    scope: 'read',
    summary: 'Backups in the folder of the configuration, the latest first, and how far one is that is being made.',
    answer: z.strictObject({
      backups: z.array(
        z.strictObject({
          name: z.string(),
          at: z.iso.datetime(),
          kind: z.enum(['by-hand', 'scheduled']),
          bytes: z.int(),
        }),
      ),
      underWay: z.number().nullable().describe('From 0 to 1; null: none is being made.'),
    }),
    async run(_, { backups }) {
      try {
        return { backups: backups.list().map((one) => ({ ...one, at: dateOf(one.at) })), underWay: backups.underWay };
      } catch (error) {
        throw problemOfBackup(error);
      }
    },
  }),
  route({
    method: 'POST',
    path: '/v1/backups',
    scope: 'administer',
    summary: 'Makes a backup in the folder of the configuration, and answers when it is checked and on the disk.',
    body: z.strictObject({}),
    answer: z.strictObject({ name: z.string(), bytes: z.int(), rooms: z.int(), messages: z.int() }),
    async run(_, { backups }) {
      try {
        const { name, bytes, rooms, messages } = await backups.make('by-hand');
        return { name, bytes, rooms, messages };
      } catch (error) {
        throw problemOfBackup(error);
      }
    },
  }),
];
