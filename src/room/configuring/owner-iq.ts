/** The `muc#owner` protocol (§10): the configuration form, its submission or cancellation, and destruction. */
import type { FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { child, type Element } from '../../xmpp/xml';
import { formXml, submittedForm, type Field } from '../../xmpp/forms';
import { iqResult, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { askersLanguage } from '../language';
import { inWords, type Language } from '../../words';
import { actorOf } from '../governing/admin-iq';
import { configure, PEOPLE_FIELDS, readConfiguration } from './configure';
import { destroy, readDestruction } from './destroy';
import { optionField } from '../contract/options';
import { presetField } from './presets';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** An IQ with `<query xmlns='…muc#owner'/>`. Returns the refusal, if any. */
export function ownerIq(state: RoomState, turn: Turn, iq: Element, query: Element, from: FullJid): StanzaError | undefined {
  if (state.affiliationOf(from) !== 'owner') return stanzaError('forbidden', inWords('ownersOnly'));
  if (iq.attrs['type'] === 'get') {
    turn.say(iqResult(iq, `<query xmlns="${NS.mucOwner}">${configurationForm(state, askersLanguage(state, iq, from))}</query>`));
    return undefined;
  }
  const destroyElement = child(query, 'destroy', NS.mucOwner);
  if (destroyElement) {
    // One thing at a time: a form beside it says that the room is to go on.
    if (child(query, 'x', NS.forms)) return stanzaError('bad-request', inWords('destroyAlone'));
    const how = readDestruction(destroyElement, state.jid);
    if ('condition' in how) return how;
    destroy(state, turn, how, { by: actorOf(state, from) });
    turn.say(iqResult(iq, ''));
    return undefined;
  }
  return submit(state, turn, iq, query, from);
}

function submit(state: RoomState, turn: Turn, iq: Element, query: Element, from: FullJid): StanzaError | undefined {
  const form = submittedForm(query, NS.mucRoomConfig, true);
  if ('condition' in form) return form;
  if (form.type === 'cancel') {
    // §10.1.3: cancelling the first configuration destroys the room; later ones leave it as it is (§10.2).
    if (state.locked) destroy(state, turn, {}, { by: actorOf(state, from) });
    turn.say(iqResult(iq, ''));
    return undefined;
  }
  const actor = actorOf(state, from);
  const configuration = readConfiguration(state, actor, form.values, true);
  if ('condition' in configuration) return configuration;
  turn.say(iqResult(iq, ''));
  configure(state, turn, actor, configuration);
  return undefined;
}

/** The whole form at the present values: two requests without a change between give the same (§10.2). */
function configurationForm(state: RoomState, language: Language): string {
  return formXml(
    {
      type: 'form',
      formType: NS.mucRoomConfig,
      title: inWords('formTitle', { room: state.jid }),
      instructions: inWords('formInstructions'),
      fields: configurationFields(state),
    },
    language,
  );
}

/** The fields of the form at their present values. */
export function configurationFields(state: RoomState): readonly Field[] {
  const options = state.env.features.all.flatMap((feature) => (feature.options ?? []).map((option) => optionField(option, state.options)));
  // A field that would make the form too long is left out: what a submitted form does not have stays as it is.
  const most = state.env.policy.limits.listBytes / 2;
  const people = Object.entries(PEOPLE_FIELDS)
    .filter(([, affiliation]) => state.affiliations.bytes(affiliation).brief <= most)
    .map(([field, affiliation]): Field => ({
      var: field,
      type: 'jid-multi',
      label: inWords(affiliation === 'owner' ? 'labelOwners' : 'labelAdmins'),
      values: state.affiliations.of(affiliation).map((row) => row.jid),
    }));
  // What kind of room it is is asked once, before anything else.
  return [...(state.exists && !state.locked ? [] : [presetField()]), ...options, ...people];
}
