/** Commands of plug-ins, from what they write to what rooms take. */
import { foldBare } from '../xmpp/fold';
import type { Field } from '../xmpp/forms';
import { isRoomOf, domainOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { inWords, type Text } from '../words';
import type { By } from '../room/contract/audit';
import type { Query } from '../room/contract/asking';
import type { AffiliationItem, Ask, Command, Execute, Target } from '../room/contract/commands';
import type { Answered, PluginAnswers, PluginQuery } from './api-queries';
import type { FormValues, Outcome, PluginCommand, Whom } from './api';
import { fitting } from './markup-out';

/** Runs a plug-in's command in its name. An address that is none is refused as a room would. Never rejects but for what is no command at all. */
export async function executeFor(name: string, execute: Execute, room: string, command: PluginCommand): Promise<Outcome> {
  const jid = foldBare(room);
  if (!isRoomOf(jid, domainOf(jid))) return refusal('jid-malformed', inWords('itemJid', { jid: room }));
  const read = commandOf(command);
  if ('problem' in read) return refusal('jid-malformed', inWords('itemJid', { jid: read.problem }));
  const actor: By = { kind: 'plug-in', name, face: 'plug-in' };
  const outcome = await execute({ actor, room: jid, command: read });
  return outcome.ok ? { ok: true } : refusal(outcome.error.condition, outcome.error.text);
}

/** Asks in a plug-in's name. An address that is none is refused as a room would. */
export async function queryFor<Q extends PluginQuery>(name: string, ask: Ask, room: string, query: Q): Promise<Answered<Q>> {
  const jid = foldBare(room);
  const about = query.what === 'archive' ? query.with : undefined;
  const who = about === undefined ? undefined : prepareBareJid(about);
  const wrong = !isRoomOf(jid, domainOf(jid)) ? room : about !== undefined && who === undefined ? about : undefined;
  if (wrong !== undefined || !isRoomOf(jid, domainOf(jid))) return refusal('jid-malformed', inWords('itemJid', { jid: wrong ?? room }));
  const actor: By = { kind: 'plug-in', name, face: 'plug-in' };
  const asked = (who === undefined ? query : { ...query, with: who }) as Query;
  const outcome = await ask({ actor, room: jid, query: asked });
  if (!outcome.ok) return refusal(outcome.error.condition, outcome.error.text);
  // Fields are what the room itself makes a form of; a plug-in is told what is in them.
  const answer =
    query.what === 'options'
      ? Object.fromEntries(
          (outcome.answer as readonly Field[]).filter(({ type }) => type !== 'fixed').map(({ var: field, values }) => [field, values]),
        )
      : outcome.answer;
  return { ok: true, answer: answer as PluginAnswers[Q['what']] };
}

/** A role that hats can give; otherwise TypeError. */
function hatRole(role: unknown): 'participant' | 'moderator' {
  if (role !== 'participant' && role !== 'moderator') throw new TypeError('A hat gives the role participant or moderator');
  return role;
}

/** A short text, or TypeError. */
function text(value: string): string {
  if (typeof value !== 'string') throw new TypeError('A plug-in gave something that is no text');
  return value;
}

const refusal = (condition: string, text: Text): Outcome & { ok: false } => ({ ok: false, condition, text: String(text) });

/** The command, or the text in it that is no address. */
function commandOf(command: PluginCommand): Command | { readonly problem: string } {
  switch (command.name) {
    case 'create': {
      const owner = prepareBareJid(command.owner);
      if (owner === undefined) return { problem: command.owner };
      return { name: 'create', owner, values: valuesOf(command.values ?? {}) };
    }
    case 'configure':
      return { name: 'configure', values: valuesOf(command.values) };
    case 'destroy': {
      const alternate = command.alternate === undefined ? undefined : prepareBareJid(command.alternate);
      if (command.alternate !== undefined && alternate === undefined) return { problem: command.alternate };
      return { name: 'destroy', ...reasonOf(command.reason), ...(alternate === undefined ? {} : { alternate }) };
    }
    case 'set-affiliations': {
      const items: AffiliationItem[] = [];
      for (const { jid: raw, affiliation, reason } of command.items) {
        const jid = prepareBareJid(raw);
        if (jid === undefined) return { problem: raw };
        items.push({ jid, affiliation, ...reasonOf(reason) });
      }
      return { name: 'set-affiliations', items };
    }
    case 'set-roles':
      return { name: 'set-roles', items: command.items.map(({ nick, role, reason }) => ({ nick, role, ...reasonOf(reason) })) };
    case 'change-nick':
      return { name: 'change-nick', nick: text(command.nick), to: text(command.to) };
    case 'set-subject':
      return { name: 'set-subject', text: fitting(command.text) };
    case 'invite': {
      const jid = prepareBareJid(command.jid);
      return jid === undefined ? { problem: command.jid } : { name: 'invite', jid, ...reasonOf(command.reason) };
    }
    case 'moderate':
      return { name: 'moderate', id: text(command.id), ...reasonOf(command.reason) };
    case 'answer-registration':
    case 'answer-voice': {
      const jid = prepareBareJid(command.jid);
      return jid === undefined ? { problem: command.jid } : { name: command.name, jid, allow: command.allow === true };
    }
    case 'answer-message':
      return { name: 'answer-message', id: text(command.id), allow: command.allow === true };
    case 'rename': {
      const to = prepareBareJid(command.to);
      if (to === undefined || !isRoomOf(to, domainOf(to))) return { problem: command.to };
      return { name: 'rename', to, ...reasonOf(command.reason) };
    }
    case 'mute':
    case 'unmute':
    case 'warn':
    case 'unwarn':
    case 'assign-hat':
    case 'unassign-hat': {
      const target = targetOf(command);
      return 'problem' in target ? target : aboutSomebody(command, target);
    }
    case 'set-hat': {
      const { uri, title, hue, role, mentions } = command;
      return {
        name: 'set-hat',
        ...{ uri: text(uri), title: fitting(title) },
        ...(hue === undefined ? {} : { hue: text(hue) }),
        ...(role === undefined ? {} : { role: hatRole(role) }),
        ...(mentions === undefined ? {} : { mentions: mentions === true }),
      };
    }
    case 'destroy-hat':
      return { name: 'destroy-hat', uri: text(command.uri) };
    case 'say':
      return { name: 'say', body: fitting(command.body) };
    default:
      throw new TypeError(`There is no command ${JSON.stringify((command as { name: unknown }).name)}`);
  }
}

/** Somebody by nickname or JID, or the text that is no address. */
function targetOf(whom: Whom): Target | { readonly problem: string } {
  if ('nick' in whom) return { nick: text(whom.nick) };
  const jid = prepareBareJid(whom.jid);
  return jid === undefined ? { problem: whom.jid } : { jid };
}

type AboutSomebody = Extract<PluginCommand, { readonly name: 'mute' | 'unmute' | 'warn' | 'unwarn' | 'assign-hat' | 'unassign-hat' }>;

function aboutSomebody(command: AboutSomebody, target: Target): Command {
  switch (command.name) {
    case 'mute':
      return { name: 'mute', target, ...lasting(command.minutes), ...reasonOf(command.reason) };
    case 'warn':
      return { name: 'warn', target, reason: text(command.reason), ...lasting(command.minutes) };
    case 'unmute':
    case 'unwarn':
      return { name: command.name, target };
    case 'assign-hat':
    case 'unassign-hat':
      return { name: command.name, uri: text(command.uri), target };
  }
}

const MINUTE_MS = 60_000;
const lasting = (minutes: number | undefined): { for?: number } => (minutes === undefined ? {} : { for: minutes * MINUTE_MS });

const reasonOf = (reason: string | undefined): { reason?: string } => (reason === undefined ? {} : { reason });

function valuesOf(values: FormValues): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(values).map(([field, value]) => {
      if (typeof value === 'boolean') return [field, [value ? '1' : '0']];
      return [field, typeof value === 'object' ? value : [String(value)]];
    }),
  );
}
