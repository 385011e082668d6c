/** What a room says about where more is found: contact addresses, an LDAP group, a publish-subscribe node (§6.4, §16.5.4). */
import { inWords } from '../words';
import { prepareBareJid } from '../xmpp/prepare';
import { BadValue, textOption, withoutBlanks, type Option } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';

/** Contact addresses of a room: they are told to everybody who asks what it is. */
const MAX_CONTACTS = 50;

const contacts: Option<readonly string[]> = {
  var: '{urn:parlour:room}contactjid',
  type: 'jid-multi',
  label: inWords('labelContacts'),
  initial: [],
  parse: (values) => {
    const given = withoutBlanks(values);
    if (given.length > MAX_CONTACTS)
      return new BadValue(inWords('badContacts', { field: '{urn:parlour:room}contactjid', max: MAX_CONTACTS }));
    const jids = new Set<string>();
    for (const value of given) {
      const jid = prepareBareJid(value.trim());
      if (jid === undefined) return new BadValue(inWords('badContact', { field: '{urn:parlour:room}contactjid', value }));
      jids.add(jid);
    }
    return [...jids];
  },
  format: (value) => value,
};
const ldapGroup = textOption({ var: '{urn:parlour:room}ldapgroup', label: inWords('labelLdapGroup'), initial: '', max: 1000 });
const uri = textOption({ var: 'muc#roomconfig_pubsub', label: inWords('labelPubsub'), initial: '', max: 3000 });
const pubsub: Option<string> = {
  ...uri,
  parse: (values) => {
    const value = values[0] ?? '';
    const text = uri.parse(values);
    return value === '' || text instanceof BadValue || /^xmpp:\S+$/.test(value)
      ? text
      : new BadValue(inWords('badXmppUri', { field: 'muc#roomconfig_pubsub', value }));
  },
};

const link = textOption({ var: '{urn:parlour:room}logs', label: inWords('labelLogs'), initial: '', max: 3000 });
const logs: Option<string> = {
  ...link,
  parse: (values) => {
    const value = values[0] ?? '';
    const text = link.parse(values);
    return value === '' || text instanceof BadValue || (/^https?:\/\/\S+$/.test(value) && URL.canParse(value))
      ? text
      : new BadValue(inWords('badWebAddress', { field: '{urn:parlour:room}logs', value }));
  },
};

export const contactInfo: Feature = {
  name: 'contacts',
  options: [contacts, ldapGroup, logs, pubsub],
  info: ({ options }) => [
    { var: 'muc#roominfo_contactjid', type: 'jid-multi', label: inWords('labelContactsShown'), values: options.get(contacts) },
    {
      var: 'muc#roominfo_ldapgroup',
      type: 'text-single',
      label: inWords('labelLdapGroup'),
      values: ldapGroup.format(options.get(ldapGroup)),
    },
    { var: 'muc#roominfo_logs', type: 'text-single', label: inWords('labelLogsShown'), values: logs.format(options.get(logs)) },
    { var: 'muc#roomconfig_pubsub', type: 'text-single', label: inWords('labelPubsubShown'), values: pubsub.format(options.get(pubsub)) },
  ],
};
