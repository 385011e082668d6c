/** Requests to the service itself: which part answers. Ping, version and time are answered here (XEP-0199, 0092, 0202). */
import { NS } from '../../xmpp/ns';
import type { Execute } from '../../room/contract/commands';
import type { Random } from '../../room/contract/env';
import type { Retention } from '../../room/configuring/retention';
import { childElements, escapeText, localName, namespaceOf, type Element } from '../../xmpp/xml';
import { formatDateTime } from '../../xmpp/dates';
import { foldFull, type FullJid, type RoomJid, type Domain } from '../../xmpp/fold';
import type { Outgoing } from '../../xmpp/outgoing';
import { errorReply, iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords, type Language } from '../../words';
import type { AdHoc } from './ad-hoc';
import { serviceCard } from './card';
import { channelSearch } from './channel-search';
import type { Clock } from '../clock';
import { serviceInfo, serviceItems, type ServiceInfo } from './discovery';
import { jabberSearch, searchFields } from './jabber-search';
import type { SeenLanguages } from './languages';
import { nodeInfo, nodeItems } from './nodes';
import { changeRegistrations, registrationList } from './registrations';
import { uniqueName } from './unique';
import type { Directory } from '../../store/directory';

export interface ServiceIqOptions {
  readonly domain: Domain;
  readonly store: Pick<Directory, 'listRooms' | 'listOccupied' | 'findChannels' | 'seatsOf' | 'registrationsOf' | 'hasRoom'>;
  readonly clock: Clock;
  /** When the process began to serve, on the clock of `Clock.elapsed`. */
  readonly begun: number;
  readonly random: Random;
  /** Undefined: the service has no commands. */
  readonly adHoc: AdHoc | undefined;
  readonly execute: Execute;
  readonly languages: SeenLanguages;
  /** Whether a room is awake, or about to be. */
  readonly isAwake: (room: RoomJid) => boolean;
  readonly info: ServiceInfo;
  readonly retention: Retention;
  readonly version: string;
}

/** The result's content, finished XML, or why there is none. */
type Answer = string | StanzaError;

interface Asked {
  readonly payload: Element;
  readonly node: string | undefined;
  readonly from: FullJid;
  readonly options: ServiceIqOptions;
  readonly language: Language;
}

const unknown = (): StanzaError => stanzaError('service-unavailable', inWords('serviceIq'));

/** What the service answers, by `type name namespace`. */
export const SERVICE_REQUESTS: ReadonlyMap<string, (asked: Asked) => Answer | Promise<Answer>> = new Map<
  string,
  (asked: Asked) => Answer | Promise<Answer>
>([
  [`get ping ${NS.ping}`, () => ''],
  [
    `get query ${NS.version}`,
    ({ options }) => `<query xmlns="${NS.version}"><name>Parlour</name><version>${escapeText(options.version)}</version></query>`,
  ],
  // XEP-0202 §3: offset and UTC; the service has no place, so it answers in UTC.
  [
    `get time ${NS.time}`,
    ({ options }) => `<time xmlns="${NS.time}"><tzo>+00:00</tzo><utc>${formatDateTime(options.clock.now())}</utc></time>`,
  ],
  [
    `get query ${NS.discoInfo}`,
    ({ node, from, options, language }) =>
      node === undefined
        ? serviceInfo(options.info, options.adHoc ? [NS.commands] : [], options.retention, language)
        : nodeInfo(node, from, { ...options, language }),
  ],
  [
    `get query ${NS.discoItems}`,
    ({ payload, node, from, options, language }) =>
      node === undefined ? serviceItems(payload, options.store) : nodeItems(node, from, { ...options, language }, payload),
  ],
  [`get unique ${NS.mucUnique}`, ({ options }) => uniqueName(options)],
  [`get vCard ${NS.vcard}`, ({ options }) => serviceCard(options.info)],
  [`set vCard ${NS.vcard}`, () => stanzaError('forbidden', inWords('serviceCard'))],
  // XEP-0012 §5: how long the service has been running.
  [
    `get query ${NS.last}`,
    ({ options }) => `<query xmlns="${NS.last}" seconds="${Math.floor((options.clock.elapsed() - options.begun) / 1000)}"/>`,
  ],
  [`get search ${NS.channelSearch}`, ({ payload, options, language }) => channelSearch(payload, options.store, language)],
  [`get query ${NS.search}`, ({ language }) => searchFields(language)],
  [`set query ${NS.search}`, ({ payload, options, language }) => jabberSearch(payload, options.store, language)],
  [`get query ${NS.register}`, ({ from, options, language }) => registrationList(from, options.store, language)],
  [
    `set query ${NS.register}`,
    async ({ payload, from, options }) => (await changeRegistrations(payload, from, options.store, options.execute)) ?? '',
  ],
  [`set command ${NS.commands}`, ({ payload, from, options, language }) => options.adHoc?.execute(payload, from, language) ?? unknown()],
]);

/** Answers an IQ get or set to the service; exactly one stanza. Rejects if the store fails. */
export async function answerServiceIq(iq: Element, options: ServiceIqOptions): Promise<Outgoing> {
  const from = foldFull(iq.attrs['from'] as string);
  const language = options.languages.of(from, iq);
  const refuse = (error: StanzaError): Outgoing => errorReply(iq, error, options.domain, language) as Outgoing;
  const payloads = childElements(iq);
  const payload = payloads[0];
  const type = iq.attrs['type'] as string | undefined;
  if ((type !== 'get' && type !== 'set') || !payload || payloads.length > 1)
    return refuse(stanzaError('bad-request', inWords('iqMalformed')));
  const answer = SERVICE_REQUESTS.get(`${type} ${localName(payload)} ${namespaceOf(payload)}`) ?? unknown;
  const given = await answer({ payload, node: payload.attrs['node'] as string | undefined, from, options, language });
  return typeof given === 'string' ? iqResult(iq, given) : refuse(given);
}
