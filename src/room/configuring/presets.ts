/** Presets (`{urn:parlour:room}preset`): a kind of room by one word, which stands for a set of ordinary options (docs/extensions.md). */
import { inWords } from '../../words';
import type { Field } from '../../xmpp/forms';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';

/** The field of the owner's form, of the form that makes a room by command, and of the API. */
export const PRESET_FIELD = '{urn:parlour:room}preset';

/** Whether the room outlives its last occupant. */
export const PERSISTENT_FIELD = 'muc#roomconfig_persistentroom';

/** The fields that each sets. */
const PRESETS = {
  'private-group': {
    'muc#roomconfig_membersonly': '1',
    'muc#roomconfig_whois': 'anyone',
    'muc#roomconfig_publicroom': '0',
    [PERSISTENT_FIELD]: '1',
    '{urn:parlour:room}wake': 'all',
    '{urn:parlour:room}reservenicks': '1',
    '{urn:parlour:room}archiveaccess': 'members',
    '{urn:parlour:room}registration': 'approval',
  },
  'public-channel': {
    'muc#roomconfig_membersonly': '0',
    'muc#roomconfig_whois': 'moderators',
    'muc#roomconfig_publicroom': '1',
    '{urn:parlour:room}search': '1',
    [PERSISTENT_FIELD]: '1',
    '{urn:parlour:room}wake': 'mentions',
  },
  announcements: {
    'muc#roomconfig_moderatedroom': '1',
    'muc#roomconfig_membersbydefault': '0',
    [PERSISTENT_FIELD]: '1',
  },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

export type Preset = keyof typeof PRESETS;

/** Their names. */
export const PRESET_NAMES = Object.keys(PRESETS) as [Preset, ...Preset[]];

/** In a form that was not filled in: the fields say what they say. */
const NONE = 'none';

const LABELS = {
  'private-group': 'choicePrivateGroup',
  'public-channel': 'choicePublicChannel',
  announcements: 'choiceAnnouncements',
} as const;

/** The field, with nothing chosen. */
export const presetField = (): Field => ({
  var: PRESET_FIELD,
  type: 'list-single',
  label: inWords('labelPreset'),
  values: [NONE],
  options: [
    { value: NONE, label: inWords('choicePresetNone') },
    ...PRESET_NAMES.map((value) => ({ value, label: inWords(LABELS[value]) })),
  ],
});

/** What the chosen preset sets, by field: nothing if none is chosen; or why the choice is not acceptable. */
export function presetOf(values: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> | StanzaError {
  const given = values.get(PRESET_FIELD) ?? [];
  if (given.length > 1) return stanzaError('bad-request', inWords('fieldSingle', { field: PRESET_FIELD }));
  const [name = NONE] = given;
  if (name === NONE || name === '') return new Map();
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name as Preset] : undefined;
  if (!preset) {
    const allowed = [NONE, ...PRESET_NAMES].join(', ');
    return stanzaError('not-acceptable', inWords('badChoice', { field: PRESET_FIELD, allowed, value: name }));
  }
  return new Map(Object.entries(preset).map(([field, value]) => [field, [value]]));
}
