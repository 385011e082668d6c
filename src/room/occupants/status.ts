/**
 * Status codes (`<status/>` of `muc#user`): each by name, with the rule and the files in which it stands. Inside the element, if the operator wants
 * that, is the condition that says the same in words (XEP-0306 §3).
 */
import { NS } from '../../xmpp/ns';

declare const kind: unique symbol;
/** A status code of XEP-0045. Only this file makes them, so that each that is sent stands in the table. */
export type StatusCode = number & { readonly [kind]: 'status' };

/** Conditions by code (XEP-0306 §3). */
const CONDITIONS = new Map<StatusCode, string>();

/** A code, and its condition if it has one. */
function code(number: number, condition?: string): StatusCode {
  const made = number as StatusCode;
  if (condition !== undefined) CONDITIONS.set(made, condition);
  return made;
}

/** Status codes by name. */
export const STATUS = {
  /** The room shows real JIDs (§7.2.3): `features/whois.ts`. */
  realJidPublic: code(100, 'realjid-public'),
  /** To a person who is not there: their affiliation changed (§9): `features/invitations/absence-notices.ts`. */
  affiliationChanged: code(101, 'affiliation-changed'),
  /** Absent people are shown from now on (§10.2.1): `features/presence-broadcast.ts`, `room/talking/sayings.ts`. */
  absentShown: code(102, 'unavailable-shown'),
  /** Absent people are no longer shown (§10.2.1): `features/presence-broadcast.ts`. */
  absentNotShown: code(103, 'unavailable-not-shown'),
  /** Another change of configuration (§10.2.1), or of the avatar (XEP-0486): `features/hats/hat-acts.ts`, `features/presence-broadcast.ts`, `features/vcard.ts`, `room/configuring/configure.ts`. */
  configurationChanged: code(104, 'configuration-changed'),
  /** One's own presence (§7.2.2): `room/occupants/entry.ts`, `room/occupants/presence.ts`. */
  selfPresence: code(110, 'self-presence'),
  /** What is said is logged (§7.2.12, §10.2.1): `features/logging.ts`. */
  loggingEnabled: code(170, 'logging-enabled'),
  /** It is no longer logged (§10.2.1): `features/logging.ts`. */
  loggingDisabled: code(171, 'logging-disabled'),
  /** The room became non-anonymous (§10.2.1): `features/whois.ts`, `room/talking/sayings.ts`. */
  nonAnonymous: code(172, 'non-anonymous'),
  /** The room became semi-anonymous (§10.2.1): `features/whois.ts`. */
  semiAnonymous: code(173, 'semi-anonymous'),
  /** The room was made by this entry (§10.1): `room/occupants/enter.ts`, `room/talking/saying-again.ts`. */
  roomCreated: code(201, 'room-created'),
  /** The nick is not the one asked for (§7.2.2, §7.6, §7.10): `room/occupants/enter.ts`, `room/occupants/nick-change.ts`, `room/talking/saying-again.ts`. */
  nickAssigned: code(210, 'nick-assigned'),
  /** Banned (§9.1): `room/governing/affiliations.ts`. */
  banned: code(301, 'banned'),
  /** Another nick (§7.6): `room/occupants/nick-change.ts`. */
  newNick: code(303, 'new-nick'),
  /** Kicked (§8.2), erased, or not in the room: `features/erasing/take-away.ts`, `room/governing/kick-and-voice.ts`, `room/occupants/enter.ts`. */
  kicked: code(307, 'kicked'),
  /** Lost the affiliation that a members-only room asks for (§9.4): `room/governing/affiliations.ts`. */
  affiliationRemoved: code(321, 'removed-affiliation'),
  /** No member of a room that became members-only (§10.2): `room/configuring/configure.ts`. */
  notMember: code(322, 'removed-membership'),
  /** The service ends (§11.2): `room/run-command.ts`. */
  serviceShutDown: code(332, 'removed-shutdown'),
  /** Gone by an error, or one session too many (§11.1): `room/occupants/enter.ts`, `room/occupants/leave.ts`. */
  technicalError: code(333),
} as const;

const ELEMENTS = new Map(
  [...CONDITIONS].map(([number, condition]) => [number, `<status code="${number}"><${condition} xmlns="${NS.mucConditions}"/></status>`]),
);

/** Finished XML for a code. By XEP-0045's schema it is empty, and strict clients drop all of `muc#user` otherwise: conditions stand in it only on request. */
export function statusXml(number: StatusCode, conditions: boolean): string {
  return (conditions ? ELEMENTS.get(number) : undefined) ?? `<status code="${number}"/>`;
}

/** Whether finished XML says this code. */
export function saysStatus(xml: string, number: StatusCode): boolean {
  return xml.includes(`<status code="${number}"`);
}
