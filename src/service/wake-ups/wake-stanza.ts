/** The two forms of a wake-up (docs/extensions.md): which servers push which was measured; neither is shown as a private chat. */
import type { WakeUp, Woken } from '../../room/contract/machine';
import { inWords } from '../../words';
import type { BareJid, RoomJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { address, type Outgoing } from '../../xmpp/outgoing';
import { attributes, escapeText } from '../../xmpp/xml';

/** `groupchat`: the message itself, which Prosody's cloud_notify pushes and nobody keeps. `doorbell`: no words, which ejabberd's mod_push pushes and keeps. */
export type WakeForm = 'groupchat' | 'doorbell';

/** The stanzas of a wake-up in one form: one for all who have missed the same. `newId`: an id for each. */
export function wakeStanzas(room: RoomJid, { people, content, language }: WakeUp, form: WakeForm, newId: () => string): Outgoing[] {
  const groups = new Map<string, { readonly missed: Woken; readonly to: BareJid[] }>();
  for (const one of people) {
    const key = `${one.messages} ${one.mentions}`;
    const group = groups.get(key);
    if (group) group.to.push(one.jid);
    else groups.set(key, { missed: one, to: [one.jid] });
  }
  return [...groups.values()].map(({ missed: { messages, mentions }, to }) => {
    const counts = attributes({ xmlns: NS.wake, messages, mentions });
    const inner =
      form === 'groupchat'
        ? `${content ?? `<body>${escapeText(sentence(messages, mentions).in(language))}</body>`}<wake${counts}/>`
        : `<encrypted${counts}><payload/></encrypted><store xmlns="${NS.hints}"/>`;
    const rest = `${attributes({ ...(form === 'groupchat' ? { type: form } : {}), id: newId() })}>${inner}</message>`;
    const [only, ...others] = to;
    return { name: 'message', from: room, to: only !== undefined && others.length === 0 ? only : to.map(address), rest, kind: 'reply' };
  });
}

const sentence = (messages: number, mentions: number) =>
  mentions > 0 ? inWords('wakeMentions', { count: mentions }) : inWords('wakeMissed', { count: messages });
