/** The owner's trim of the archive (urn:xmpp:mamtrim:0, a ProtoXEP): everything up to a message, that one included, or all there is. */
import { whenCertain } from '../retraction/find-messages';
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { childElements, localName, namespaceOf, textOf } from '../../xmpp/xml';
import { actorOf } from '../../room/governing/admin-iq';
import type { Commands, Feature, IqRequest } from '../../room/contract/feature';
import { trim } from './trim-archive';
import type { RoomState } from '../../room/state';
import { inWords } from '../../words';

/** "Servers MUST only allow trimming requests from archive owners. … For group chat archives, this typically means the owner(s)". */
function refusal(room: RoomState, from: FullJid): StanzaError | undefined {
  return room.affiliationOf(from) === 'owner' ? undefined : stanzaError('forbidden', inWords('ownersOnly'));
}

function trimIq({ room, turn, stanza, from, payload }: IqRequest): StanzaError | undefined {
  const forbidden = refusal(room, from);
  if (forbidden) return forbidden;
  const parts = childElements(payload);
  const [id] = parts;
  // "the element may contain a single <id/> element which, as character data, specifies the archive UID"
  const isId = id !== undefined && localName(id) === 'id' && namespaceOf(id) === NS.mamTrim && textOf(id).trim() !== '';
  if (stanza.attrs['type'] !== 'set' || parts.length > 1 || (id && !isId)) return stanzaError('bad-request', inWords('trimMalformed'));
  return trim(room, turn, id && textOf(id).trim(), {
    stanza,
    refusal: (then) => refusal(then, from),
    actor: (then) => actorOf(then, from),
    done: (_, later) => {
      later.say(iqResult(stanza, ''));
    },
  });
}

/** By command; `allowed`: also owners may. The archive answers after earlier decisions are committed, so the outcome can be told then. */
const commandsFor = (allowed: boolean): Commands => ({
  trim: ({ room, turn, command, actorIn, done }) =>
    trim(room, turn, command.upToId, {
      refusal: (then) => {
        const { jid, affiliation } = actorIn(then);
        if (jid !== null && !allowed) return stanzaError('forbidden', inWords('adminsOnlyHere'));
        return affiliation === 'owner' ? undefined : stanzaError('forbidden', inWords('ownersOnly'));
      },
      actor: actorIn,
      stanza: null,
      done: (then, later) => {
        whenCertain({ turn: later, stanza: null, upToSeq: then.seq }, later, () => {
          done({ ok: true });
        });
      },
      failed: (error) => {
        done({ ok: false, error });
      },
    }),
});

/** `allowed`: "If a deployment is configured to disallow trimming … the feature SHOULD NOT be advertised". */
export function trimFeature(allowed: boolean): Feature {
  if (!allowed) return { name: 'trim', commands: commandsFor(false) };
  return { name: 'trim', commands: commandsFor(true), disco: () => [NS.mamTrim], iq: { [`trim ${NS.mamTrim}`]: trimIq } };
}
