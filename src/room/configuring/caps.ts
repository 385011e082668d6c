/** Capabilities of a room (XEP-0115): one text that stands for what discovery says of it, so that clients that have it need not ask again. */
import { createHash } from 'node:crypto';
import { NS } from '../../xmpp/ns';
import type { Field, FormOut } from '../../xmpp/forms';
import { attributes } from '../../xmpp/xml';
import { Remembered } from '../contract/memory';
import { hasVersions } from '../governing/list-versions';
import type { RoomState } from '../state';
import { aboutRoom, type AboutRoom } from './discovery-content';

/** The `node` of XEP-0115, which names the program. */
const NODE = 'urn:parlour:room';

/** Fields of discovery that change by themselves, with whoever enters or speaks: a text that stood for them too would never hold. */
const PASSING: ReadonlySet<string> = new Set(['muc#roominfo_occupants', 'muc#roominfo_subject', '{urn:xmpp:muc-activity}message-activity']);

/** What the text stands for: what anybody is told who has no rights here, without what changes by itself. */
function lasting(state: RoomState): AboutRoom {
  const about = aboutRoom(state, state.jid, state.facts.language);
  return {
    ...about,
    forms: about.forms.map((form) => ({ ...form, fields: form.fields.filter((field) => !PASSING.has(field.var)) })),
  };
}

/** The verification string (§5.1), which is made of octets in their order. */
function verification({ name, features, forms }: AboutRoom): string {
  const sorted = (texts: readonly string[]): string[] => [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const fieldText = (field: Field): string => [field.var, ...sorted(field.values)].map((text) => `${text}<`).join('');
  const formText = ({ formType, fields }: FormOut): string => `${formType}<${sorted(fields.map(fieldText)).join('')}`;
  const parts = [`conference/text//${name}<`, ...sorted([...features]).map((feature) => `${feature}<`), ...sorted(forms.map(formText))];
  return createHash('sha1').update(parts.join('')).digest('base64');
}

/** The element, and what it was made of. */
interface Known {
  readonly inputs: readonly unknown[];
  readonly xml: string;
}

const known = new Remembered<Known>('the capabilities of the room');

/** All that `lasting` depends on: the room's configuration, the operator's, and what features say that they read (`aboutRows`). */
function inputsOf(state: RoomState): readonly unknown[] {
  const { options, facts, env, row, seq, jid } = state;
  const rows = env.features.all.flatMap(({ aboutRows = [] }) => aboutRows.map((name) => state.kept.versionOf(name)));
  const kept = [row?.keepDays, row?.keepMessages, seq > (row?.archiveFrom ?? 0)];
  return [options, facts, env.features, env.policy, state.exists, ...kept, hasVersions(state), state.affiliationOf(jid), ...rows];
}

/** The element of presence from the room's own JID; made once while the room is the same, since everybody who enters is told it. */
export function capsXml(state: RoomState): string {
  const inputs = inputsOf(state);
  const kept = state.memory.get(known);
  if (kept && kept.inputs.length === inputs.length && kept.inputs.every((one, i) => one === inputs[i])) return kept.xml;
  const ver = verification(lasting(state));
  const xml = `<c${attributes({ xmlns: NS.caps, hash: 'sha-1', node: NODE, ver })}/>`;
  return state.memory.set(known, { inputs, xml }).xml;
}

/** What is at that node of the room's discovery, if the text in it is the present one (§6.2). */
export function atCapsNode(state: RoomState, node: string): AboutRoom | undefined {
  if (!node.startsWith(`${NODE}#`)) return undefined;
  const about = lasting(state);
  return node === `${NODE}#${verification(about)}` ? about : undefined;
}
