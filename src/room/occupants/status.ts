/** `<status/>` elements of `muc#user`: the code, and inside it, if the operator wants that, the condition that says the same in words (XEP-0306 §3). */
import { NS } from '../../xmpp/ns';

/** Conditions by code (XEP-0306 §3); 333 is younger than that table and has none. */
const CONDITIONS: Readonly<Record<number, string>> = {
  100: 'realjid-public',
  101: 'affiliation-changed',
  102: 'unavailable-shown',
  103: 'unavailable-not-shown',
  104: 'configuration-changed',
  110: 'self-presence',
  170: 'logging-enabled',
  171: 'logging-disabled',
  172: 'non-anonymous',
  173: 'semi-anonymous',
  201: 'room-created',
  210: 'nick-assigned',
  301: 'banned',
  303: 'new-nick',
  307: 'kicked',
  321: 'removed-affiliation',
  322: 'removed-membership',
  332: 'removed-shutdown',
};

const ELEMENTS = new Map(
  Object.entries(CONDITIONS).map(([code, condition]) => [
    Number(code),
    `<status code="${code}"><${condition} xmlns="${NS.mucConditions}"/></status>`,
  ]),
);

/** Finished XML for a code. By XEP-0045's schema it is empty, and strict clients drop all of `muc#user` otherwise: conditions stand in it only on request. */
export function statusXml(code: number, conditions: boolean): string {
  return (conditions ? ELEMENTS.get(code) : undefined) ?? `<status code="${code}"/>`;
}
