/** What discovery says of a room to somebody (§6.4, XEP-0128): its name, its features, and forms. */
import type { FullJid } from '../../xmpp/fold';
import { formXml, type FormOut } from '../../xmpp/forms';
import { localOf, unescapeLocal } from '../../xmpp/jid';
import { NS } from '../../xmpp/ns';
import { attributes, escapeAttribute } from '../../xmpp/xml';
import type { Language } from '../../words';
import type { RoomState } from '../state';

/** Features every room has, whatever its options. */
const ALWAYS = [NS.muc, NS.discoInfo, NS.discoItems, NS.rsm, NS.ping, NS.caps];

export interface AboutRoom {
  readonly name: string;
  readonly features: readonly string[];
  readonly forms: readonly FormOut[];
}

/** What this JID (full, or bare) is told. */
export function aboutRoom(state: RoomState, from: FullJid, language: Language): AboutRoom {
  const { all } = state.env.features;
  const name = state.facts.name === '' ? unescapeLocal(localOf(state.jid)) : state.facts.name;
  const features = [...ALWAYS, ...all.flatMap((feature) => feature.disco?.(state.options, state, from) ?? [])];
  const fields = all.flatMap((feature) => feature.info?.(state) ?? []).filter((field) => field.values.length > 0);
  const info: FormOut = { type: 'result', formType: NS.mucRoomInfo, fields };
  return { name, features, forms: [info, ...all.flatMap((feature) => feature.forms?.(state, language) ?? [])] };
}

/** The same as it is sent. */
export function aboutXml({ name, features, forms }: AboutRoom, language: Language): string {
  const identity = `<identity${attributes({ category: 'conference', type: 'text', name })}/>`;
  const list = features.map((feature) => `<feature var="${escapeAttribute(feature)}"/>`).join('');
  return identity + list + forms.map((form) => formXml(form, language)).join('');
}
