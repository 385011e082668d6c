/** Erasing a person, erasing a room and trimming a room's archive, by administrators of the service. */
import { administrator } from '../room/contract/audit';
import type { Command, Execute } from '../room/contract/commands';
import type { Log, LogEvent } from '../log';
import type { PersonErasure } from '../store/maintenance';
import type { Field } from '../xmpp/forms';
import { domainOf } from '../xmpp/jid';
import { outgoing } from '../xmpp/outgoing';
import { prepareBareJid } from '../xmpp/prepare';
import { escapeText } from '../xmpp/xml';
import { DEFAULT_LANGUAGE, inLanguage, inWords, type Key } from '../words';
import type { AdHocCommand, Outcome } from './ad-hoc';
import type { Line } from './announce';
import type { Erasures } from './erasures';
import { address, form, note, OWN, writtenRoom } from './own-forms';

export interface ErasingOptions {
  /** The component's domain. */
  readonly domain: string;
  readonly log: Log;
  readonly erasures: Erasures;
  readonly execute: Execute;
}

function outcomeOf({ jid, rooms, messages, failed }: PersonErasure): Outcome {
  if (failed > 0) return note('error', 'erasePersonFailed', { person: jid, rooms, messages });
  if (messages === 0) return note('info', 'erasePersonNothing', { person: jid, rooms });
  return note('info', 'erasePersonDone', { person: jid, rooms, messages });
}

/** Tells an administrator who asked that a person was erased. A headline is dropped if nobody is online; the log has it too, and others ask. */
export function tellErasure(domain: string, line: Pick<Line, 'send'>): (erasure: PersonErasure) => void {
  return (erasure) => {
    const { kind, name } = erasure.askedBy;
    if (kind !== 'administrator' || name === null) return;
    const text = escapeText(inLanguage(outcomeOf(erasure).note?.text ?? '', DEFAULT_LANGUAGE));
    line.send(outgoing('message', domain, name, { type: 'headline' }, `<body>${text}</body>`));
  };
}

/** The three commands. */
export function erasing({ domain, log, erasures, execute }: ErasingOptions): AdHocCommand[] {
  const erasePerson: AdHocCommand = {
    node: `${OWN}#erase-person`,
    name: inWords('erasePersonTitle'),
    form: form('erasePersonTitle', 'erasePersonInstructions', [address('jid', 'erasePersonJid')]),
    async run(answers, asker) {
      const raw = answers.get('jid')?.[0] ?? '';
      const person = prepareBareJid(raw);
      if (!person?.includes('@') || domainOf(person) === domain) return note('error', 'itemJid', { jid: raw });
      log.info({ event: 'erasure.started', by: asker, person }, 'an administrator erases a person');
      const end = await erasures.erase(person, administrator(asker));
      return end ? outcomeOf(end) : note('info', 'erasePersonBegun', { person });
    },
  };

  /** A command about one room. */
  const inRoom = (
    node: string,
    keys: {
      readonly title: Key;
      readonly instructions: Key;
      readonly done: 'eraseRoomDone' | 'trimDone';
      readonly event: LogEvent;
      readonly text: string;
    },
    fields: readonly Field[],
    commandOf: (answers: ReadonlyMap<string, readonly string[]>) => Command,
  ): AdHocCommand => ({
    node: `${OWN}#${node}`,
    name: inWords(keys.title),
    form: form(keys.title, keys.instructions, [address('room', 'purgeRoom'), ...fields]),
    async run(answers, asker) {
      const room = writtenRoom(answers.get('room')?.[0], domain);
      if (typeof room !== 'string') return room;
      const outcome = await execute({ actor: administrator(asker), room, command: commandOf(answers) });
      if (!outcome.ok) return { note: { type: 'error', text: outcome.error.text } };
      log.info({ event: keys.event, by: asker, room }, keys.text);
      return note('info', keys.done, { room });
    },
  });

  const eraseRoom = inRoom(
    'erase-room',
    {
      title: 'eraseRoomTitle',
      instructions: 'eraseRoomInstructions',
      done: 'eraseRoomDone',
      event: 'room.erased',
      text: 'an administrator erased a room',
    },
    [],
    () => ({ name: 'erase' }),
  );

  const trimRoom = inRoom(
    'trim',
    {
      title: 'trimTitle',
      instructions: 'trimInstructions',
      done: 'trimDone',
      event: 'room.trimmed',
      text: 'an administrator trimmed the archive of a room',
    },
    [{ var: 'id', type: 'text-single', label: inWords('trimId'), values: [] }],
    (answers) => {
      const id = answers.get('id')?.[0]?.trim() ?? '';
      return { name: 'trim', ...(id === '' ? {} : { upToId: id }) };
    },
  );

  return [erasePerson, eraseRoom, trimRoom];
}
