/** Requests to the service itself: ping, version, time and discovery (XEP-0199, 0092, 0202; XEP-0045 §6.1-6.3). */
import { NS } from '../xmpp/ns';
import { childElements, escapeText, namespaceOf, type Element } from '../xmpp/xml';
import { formatDateTime } from '../xmpp/dates';
import type { Outgoing } from '../xmpp/outgoing';
import { errorReply, iqResult, stanzaError } from '../xmpp/stanza-error';
import { say } from '../words';
import type { Clock } from './clock';
import { serviceInfo, serviceItems, type ServiceInfo } from './discovery';
import type { Store } from '../store/store';

export interface ServiceIqOptions {
  readonly domain: string;
  readonly store: Pick<Store, 'listRooms'>;
  readonly clock: Clock;
  readonly info: ServiceInfo;
  readonly version: string;
}

/** Answers an IQ get or set to the service; exactly one stanza. Rejects if the store fails. */
export async function answerServiceIq(iq: Element, options: ServiceIqOptions): Promise<Outgoing> {
  const { domain, store, clock, info, version } = options;
  const refuse = (error: ReturnType<typeof stanzaError>): Outgoing => errorReply(iq, error, domain) as Outgoing;
  const payloads = childElements(iq);
  const payload = payloads[0];
  const type = iq.attrs['type'] as string | undefined;
  if ((type !== 'get' && type !== 'set') || !payload || payloads.length > 1) return refuse(stanzaError('bad-request', say('iqMalformed')));
  const node = payload.attrs['node'] as string | undefined;
  switch (`${type} ${payload.name} ${namespaceOf(payload)}`) {
    case `get ping ${NS.ping}`:
      return iqResult(iq, '');
    case `get query ${NS.version}`:
      return iqResult(iq, `<query xmlns="${NS.version}"><name>Parlour</name><version>${escapeText(version)}</version></query>`);
    case `get time ${NS.time}`:
      // XEP-0202 §3: offset and UTC; the service has no place, so it answers in UTC.
      return iqResult(iq, `<time xmlns="${NS.time}"><tzo>+00:00</tzo><utc>${formatDateTime(clock.now())}</utc></time>`);
    case `get query ${NS.discoInfo}`:
      return node === undefined ? iqResult(iq, serviceInfo(info)) : refuse(stanzaError('item-not-found', say('noNode')));
    case `get query ${NS.discoItems}`: {
      if (node !== undefined) return refuse(stanzaError('item-not-found', say('noNode')));
      const items = await serviceItems(payload, store);
      return typeof items === 'string' ? iqResult(iq, items) : refuse(items);
    }
    default:
      return refuse(stanzaError('service-unavailable', say('serviceIq')));
  }
}
