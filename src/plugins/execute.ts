/** Commands of plug-ins, from what they write to what rooms take. */
import { foldBare } from '../xmpp/fold';
import { isRoomOf, domainOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { say, type Text } from '../words';
import type { By } from '../room/contract/audit';
import type { AffiliationItem, Command, Execute } from '../room/contract/commands';
import type { FormValues, Outcome, PluginCommand } from './api';
import { fitting } from './markup-out';

/** Runs a plug-in's command in its name. An address that is none is refused as a room would. Never rejects but for what is no command at all. */
export async function executeFor(name: string, execute: Execute, room: string, command: PluginCommand): Promise<Outcome> {
  const jid = foldBare(room);
  if (!isRoomOf(jid, domainOf(jid))) return refusal('jid-malformed', say('itemJid', { jid: room }));
  const read = commandOf(command);
  if ('problem' in read) return refusal('jid-malformed', say('itemJid', { jid: read.problem }));
  const actor: By = { kind: 'plug-in', name, face: 'plug-in' };
  const outcome = await execute({ actor, room: jid, command: read });
  return outcome.ok ? { ok: true } : refusal(outcome.error.condition, outcome.error.text);
}

const refusal = (condition: string, text: Text): Outcome => ({ ok: false, condition, text: String(text) });

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
    case 'say':
      return { name: 'say', body: fitting(command.body) };
    default:
      throw new TypeError(`There is no command ${JSON.stringify((command as { name: unknown }).name)}`);
  }
}

const reasonOf = (reason: string | undefined): { reason?: string } => (reason === undefined ? {} : { reason });

function valuesOf(values: FormValues): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(values).map(([field, value]) => {
      if (typeof value === 'boolean') return [field, [value ? '1' : '0']];
      return [field, typeof value === 'object' ? value : [String(value)]];
    }),
  );
}
