/** Commands that count (XEP-0133 §4.15, §4.20, and our own): how many people are in rooms, who they are, how much there is. */
import type { Directory } from '../store/directory';
import type { Field, FormOut } from '../xmpp/forms';
import { NS } from '../xmpp/ns';
import { inWords, type Text } from '../words';
import type { AdHocCommand } from './ad-hoc';

/** How a plug-in does. */
export interface PluginNumbers {
  readonly name: string;
  readonly disabled: boolean;
  readonly failures: number;
}

/** The namespace of commands that XEP-0133 does not define. */
const OWN = 'urn:parlour:admin';

/** People in one answer, whatever is asked for: keeps the stanza below servers' limits. */
const MAX_LISTED = 1_000;
const CHOICES = ['25', '50', '75', '100', '150', '200'] as const;

const result = (formType: string, fields: readonly Field[]): FormOut => ({ type: 'result', formType, fields });
const number = (name: string, label: Text, value: number): Field => ({ var: name, type: 'text-single', label, values: [String(value)] });

/** The number of accounts with a session in some room. */
export function peopleCount(store: Pick<Directory, 'people'>): AdHocCommand {
  return {
    node: `${NS.admin}#get-online-users-num`,
    name: inWords('peopleCount'),
    async run() {
      const { count } = await store.people(0);
      return { form: result(NS.admin, [number('onlineusersnum', inWords('peopleCount'), count)]) };
    },
  };
}

/** The bare JIDs of those accounts, as many as are asked for. */
export function peopleList(store: Pick<Directory, 'people'>): AdHocCommand {
  const max: Field = {
    var: 'max_items',
    type: 'list-single',
    label: inWords('peopleListMax'),
    values: ['100'],
    options: [...CHOICES.map((value) => ({ value, label: value })), { value: 'none', label: inWords('everyone', { max: MAX_LISTED }) }],
  };
  return {
    node: `${NS.admin}#get-online-users-list`,
    name: inWords('peopleList'),
    form: {
      type: 'form',
      formType: NS.admin,
      title: inWords('peopleList'),
      instructions: inWords('peopleListInstructions'),
      fields: [max],
    },
    async run(answers) {
      const wanted = answers.get('max_items')?.[0] ?? 'none';
      const { count, jids } = await store.people(wanted === 'none' ? MAX_LISTED : Number(wanted));
      const list: Field = { var: 'onlineuserjids', type: 'jid-multi', label: inWords('peopleList'), values: jids };
      const cut =
        jids.length < count ? { note: { type: 'info', text: inWords('peopleListed', { shown: jids.length, count }) } as const } : {};
      return { ...cut, form: result(NS.admin, [list]) };
    },
  };
}

/** Rooms, occupants and messages; where there are plug-ins, which of them are disabled, and how often they failed. */
export function counts(store: Pick<Directory, 'counts'>, plugins: () => readonly PluginNumbers[]): AdHocCommand {
  return {
    node: `${OWN}#counts`,
    name: inWords('countsTitle'),
    async run() {
      const { rooms, occupants, messages } = await store.counts();
      const fields = [
        number('rooms', inWords('countRooms'), rooms),
        number('occupants', inWords('countOccupants'), occupants),
        number('messages', inWords('countMessages'), messages),
      ];
      const all = plugins();
      if (all.length > 0) {
        const disabled = all.filter((plugin) => plugin.disabled).map(({ name }) => name);
        fields.push({ var: 'plugins_disabled', type: 'text-multi', label: inWords('countPluginsDisabled'), values: disabled });
        fields.push(
          number(
            'plugin_failures',
            inWords('countPluginFailures'),
            all.reduce((sum, { failures }) => sum + failures, 0),
          ),
        );
      }
      return { form: result(OWN, fields) };
    },
  };
}
