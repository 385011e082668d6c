/** A plug-in's IQs at the room. */
import { bareOf } from '../xmpp/jid';
import { iqResult, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { inWords } from '../words';
import type { IqRequest } from '../room/contract/feature';
import type { Answer, IqHandler, Question } from './api-hooks';
import type { RoomActs, RoomView } from './api-room';
import { Acts } from './acts';
import { errorOf, failedError, offError } from './checks';
import type { Parts } from './parts';
import { finished, shown } from './markup-out';
import { occupantView, View } from './view';

/** The handlers by `name namespace`. A get is decided also while nothing can be saved: it is given no means to change anything. */
export function iqOf(
  handlers: Readonly<Record<string, IqHandler>>,
  { own, guard }: Parts,
): Readonly<Record<string, (request: IqRequest) => StanzaError | undefined>> {
  const answer = (request: IqRequest, run: () => Answer, room: View): StanzaError | undefined => {
    const called = guard.call('iq', bareOf(request.from), () => {
      const given = run();
      if (given === undefined) return '';
      return 'verdict' in given ? errorOf(given) : finished(given);
    });
    room.end();
    if (called.is === 'failed') return failedError();
    if (called.is === 'disabled') return offError();
    if (typeof called.value !== 'string') return called.value;
    request.turn.say(iqResult(request.stanza, called.value));
    return undefined;
  };
  const handle = (handler: IqHandler, request: IqRequest): StanzaError | undefined => {
    const { room: state, turn, stanza } = request;
    if (stanza.attrs['type'] === 'get') {
      const room = new View(state, own);
      return handler.get ? answer(request, () => handler.get?.(questionOf<RoomView>(request, room)), room) : unknown();
    }
    const room = new Acts(state, turn, own);
    return handler.set ? answer(request, () => handler.set?.(questionOf<RoomActs>(request, room)), room) : unknown();
  };
  return Object.fromEntries(Object.entries(handlers).map(([key, handler]) => [key, (request: IqRequest) => handle(handler, request)]));
}

const unknown = (): StanzaError => stanzaError('service-unavailable', inWords('iqUnknown'));

function questionOf<R extends RoomView>({ room: state, from, payload }: IqRequest, room: R): Question<R> {
  const jid = bareOf(from);
  const occupant = state.occupants.session(from)?.occupant;
  return Object.freeze({
    room,
    jid,
    from: occupant && occupantView(state, occupant),
    affiliation: state.affiliationOf(jid),
    payload: shown(payload),
  });
}
