/** What `restore`, `erase-again` and `change-domain` do with the database, while no Parlour runs on it. It is read when one of them is given. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { becomeOwner } from '../as-owner';
import type { Config } from '../config';
import { createFeatures } from '../features';
import { Plugins } from '../plugins/runtime';
import type { RowDeclaration } from '../room/contract/row-declaration';
import { changeDomain, eraseAgain, realFile, restoreDatabase, type ErasedSince, type Restored } from '../store/sqlite';
import { domainOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { confirmed, counted } from './asking';
import { Ended, EXIT } from './ending';
import { explained, readConfig } from './explained';
import { many, when } from './show';
import type { Terminal } from './terminal';

/** Of a list that is told, the first. */
const MOST_TOLD = 20;

/** As options of each of them. */
export interface Offline {
  readonly config: string;
  readonly yes?: boolean;
}

/** A command that opens the database itself: its configuration, read, as the database's owner. What goes wrong is told in sentences. */
async function offline(file: string, { err }: Pick<Terminal, 'err'>, run: (config: Config) => Promise<string>): Promise<string> {
  const config = readConfig(file);
  try {
    const became = becomeOwner(realFile(config.database.path));
    if (became !== undefined) err(`${became}\n`);
    return await run(config);
  } catch (error) {
    throw explained(file, error);
  }
}

/** What features keep, those of plug-ins included. */
async function rowsOf({ plugins, limits, archive, service }: Config): Promise<RowDeclaration[]> {
  const ignore = (): void => undefined;
  const loaded = await Plugins.load(plugins.entries, plugins.folder, { debug: ignore, info: ignore, warn: ignore, error: ignore });
  return [...createFeatures(limits, archive, service.dataPolicy, loaded.features).rows.values()];
}

/** A path, or the name of a backup in the folder of backups. */
function backupFile(name: string, { folder }: Pick<Terminal, 'folder'>, { backups: { folder: kept } }: Config): string {
  const file = path.resolve(folder, name);
  const inFolder = path.join(kept, name);
  if (name !== path.basename(name) || existsSync(file)) return file;
  // Of a file that cannot be looked at it is told that it cannot be.
  return isMissing(file) || existsSync(inFolder) ? inFolder : file;
}

function isMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function firsts(what: readonly string[]): string {
  const more = what.length - MOST_TOLD;
  return `${what.slice(0, MOST_TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What was, or is to be, erased again. */
function erasedLines({ people, rooms, retracted, trimmed }: ErasedSince): string[] {
  const messages = retracted.reduce((sum, room) => sum + room.messages.length, 0);
  return [
    ...(people.length === 0 ? [] : [`  ${many(people.length, 'person', 'people')} erased: ${firsts(people)}`]),
    ...(messages === 0 ? [] : [`  ${many(messages, 'message')} taken back, in ${firsts(retracted.map(({ room }) => room))}`]),
    ...(trimmed.length === 0 ? [] : [`  ${many(trimmed.length, 'archive')} trimmed: ${firsts(trimmed.map(({ room }) => room))}`]),
    ...(rooms.length === 0 ? [] : [`  ${many(rooms.length, 'room')} destroyed or erased: ${firsts(rooms)}`]),
  ];
}

function restoredText({ rooms, messages, upTo, aside, left, since, revoked }: Restored, from: string, config: string): string {
  const latest = upTo === 0 ? '' : `, the latest of ${when(new Date(upTo).toISOString())}`;
  const lines = [`Restored from ${from}: ${many(rooms, 'room')}, ${many(messages, 'message')}${latest}.`];
  if (aside !== null) lines.push(`The database that was there is ${aside} now. Delete it when all is well.`);
  if (left.length > 0)
    lines.push(
      `A database that is not there any more had left this beside it, which is kept: ${left.join(', ')}. It belongs to that database.`,
    );
  if (revoked.length > 0) lines.push(`Tokens that were revoked since stay revoked: ${firsts(revoked)}.`);
  if (typeof since === 'string') lines.push(`What was erased or taken back since the backup cannot be told: ${since}.`);
  const erased = since === null || typeof since === 'string' ? [] : erasedLines(since);
  if (erased.length > 0) {
    lines.push('What was erased or taken back since the backup is there again:', ...erased);
    lines.push(`To do it again, before the start: parlour erase-again ${aside ?? ''} --config ${config}`);
  }
  lines.push('Start Parlour now.');
  return lines.join('\n');
}

/** Puts a backup in the place of the database. Returns what was done; throws Ended. */
export const restored = (name: string, { config: file, yes = false }: Offline, terminal: Terminal): Promise<string> =>
  offline(file, terminal, async (read) => {
    const from = backupFile(name, terminal, read);
    const { path: database } = read.database;
    await confirmed(
      terminal,
      `The database ${database} will be what it was at the backup ${from}; the present one is kept beside it.`,
      yes,
    );
    return restoredText(restoreDatabase({ path: database, from, domain: read.component.domain, now: Date.now() }), from, file);
  });

/** As options of erasing again: how many rooms are to be destroyed. */
export interface Again extends Offline {
  readonly number?: string;
}

/** Erases what a replaced database had erased: what that is, is told before they are asked. Returns what was done; throws Ended. */
export const erasedAgain = (name: string, { config: file, yes = false, number }: Again, terminal: Terminal): Promise<string> =>
  offline(file, terminal, async (read) => {
    const later = path.resolve(terminal.folder, name);
    const { path: database } = read.database;
    const agree = async (since: ErasedSince): Promise<void> => {
      const [lines, rooms] = [erasedLines(since), since.rooms.length];
      if (lines.length === 0) return;
      const what = [`What ${later} has erased or taken back will be erased in ${database} too:`, ...lines].join('\n');
      if (rooms === 0) await confirmed(terminal, `${what}\n`, yes);
      else
        await counted(terminal, `${what}\nThe ${many(rooms, 'room')} will be destroyed with all that was said there since.`, rooms, number);
    };
    const domain = read.component.domain;
    const since = await eraseAgain({ path: database, later, domain, rows: await rowsOf(read), now: Date.now(), agree });
    const lines = erasedLines(since);
    if (lines.length === 0) return 'There is nothing that would have to be erased again.';
    const next =
      since.people.length === 0
        ? []
        : ['The people are erased from all rooms when Parlour has started: see the log for lines erasure.finished.'];
    return ['Erased again:', ...lines, ...next].join('\n');
  });

/** Moves all rooms to the domain of the configuration. Returns what was done; throws Ended. */
export const movedFrom = (old: string, { config: file, yes = false }: Offline, terminal: Terminal): Promise<string> =>
  offline(file, terminal, async (read) => {
    const jid = prepareBareJid(old);
    if (jid === undefined || old.includes('@')) throw new Ended(EXIT.usage, `"${old}" is no domain. Name the one at which the rooms are.`);
    const [from, to] = [domainOf(jid), read.component.domain];
    const { path: database } = read.database;
    await confirmed(
      terminal,
      `All rooms at ${from} in ${database} will be at ${to}, and whoever is in them is out. Make a backup before.`,
      yes,
    );
    const { rooms } = await changeDomain({ path: database, from, to, rows: await rowsOf(read) });
    if (rooms === 0) throw new Ended(EXIT.refused, `No room in ${database} is at ${from}. Nothing was changed.`);
    return `${many(rooms, 'room')} moved from ${from} to ${to}. Start Parlour now.`;
  });
