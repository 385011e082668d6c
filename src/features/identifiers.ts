/** Announces the identifiers every room gives: occupant-id (XEP-0421), stanza-id (XEP-0359), kept message ids (§7.4), self-ping (XEP-0410). */
import { NS } from '../xmpp/ns';
import type { Feature } from '../room/contract/feature';

export const identifiers: Feature = {
  name: 'identifiers',
  disco: () => [NS.mucStableId, NS.occupantId, NS.stanzaId, NS.mucSelfPing],
};
