/** The command by which admins give somebody an affiliation, for good or with an end. Clients' own lists (XEP-0045 §9, §10) have no place for an end. */
import { commandRefusal } from '../../xmpp/ad-hoc';
import { stanzaError } from '../../xmpp/stanza-error';
import { short } from '../../xmpp/short';
import { inWords, Sentence } from '../../words';
import type { RoomAdHocCommand } from '../../room/contract/feature';
import type { AffiliationItem } from '../../room/contract/commands';
import { actorOf } from '../../room/governing/admin-iq';
import { affiliationsRefusal, setAffiliations } from '../../room/governing/affiliations';
import { isAdmin, isAffiliation } from '../../room/governing/roles';
import { writtenAddress } from '../../room/governing/written-jid';
import { askersLanguage } from '../../room/language';
import { endIfEmpty } from '../../room/occupants/leave';
import { completed } from '../commands/room-command';
import { readDuration } from './duration-field';

/** The node of the command, and the FORM_TYPE of its form. */
const NODE = 'urn:parlour:affiliation';

const CHOICES = [
  { value: 'outcast', label: inWords('affiliateOutcast') },
  { value: 'member', label: inWords('affiliateMember') },
  { value: 'admin', label: inWords('affiliateAdmin') },
  { value: 'owner', label: inWords('affiliateOwner') },
  { value: 'none', label: inWords('affiliateNone') },
];

export const affiliateCommand: RoomAdHocCommand = {
  node: NODE,
  title: 'affiliateTitle',
  refuse: (room, from) => (isAdmin(room.affiliationOf(from)) ? undefined : stanzaError('forbidden', inWords('adminsOnly'))),
  form: () => ({
    type: 'form',
    formType: NODE,
    title: inWords('affiliateTitle'),
    instructions: inWords('affiliateInstructions'),
    fields: [
      { var: 'jid', type: 'jid-single', label: inWords('affiliateWho'), required: true, values: [] },
      { var: 'affiliation', type: 'list-single', label: inWords('affiliateAs'), required: true, values: ['outcast'], options: CHOICES },
      { var: 'for', type: 'text-single', label: inWords('affiliateFor'), values: [] },
      { var: 'reason', type: 'text-single', label: inWords('purgeReason'), values: [] },
    ],
  }),
  run: ({ room, turn, stanza, from }, answers, sessionid) => {
    const text = (field: string): string => (answers.get(field)?.[0] ?? '').trim();
    const raw = text('jid');
    const address = writtenAddress(room, raw);
    if (address === 'nobody') return stanzaError('item-not-found', inWords('noSuchNick'));
    if (address === 'malformed') return commandRefusal('bad-payload', inWords('itemJid', { jid: short(raw) }));
    const { jid } = address;
    const affiliation = text('affiliation');
    if (!isAffiliation(affiliation)) return commandRefusal('bad-payload', inWords('itemUnknown', { value: short(affiliation) }));
    const lasts = readDuration(text('for'));
    if (lasts instanceof Sentence) return commandRefusal('bad-payload', lasts);
    const reason = text('reason');
    const item: AffiliationItem = {
      jid,
      affiliation,
      ...(lasts === undefined ? {} : { for: lasts }),
      ...(reason === '' ? {} : { reason }),
    };
    const actor = actorOf(room, from);
    const refusal = affiliationsRefusal(room, actor, [item]);
    if (refusal) return refusal;
    // §9.1: the result goes before what the others are told.
    turn.say(completed(stanza, NODE, sessionid, inWords('affiliateDone'), askersLanguage(room, stanza, from)));
    setAffiliations(room, turn, actor, [item])();
    endIfEmpty(room, turn);
    return undefined;
  },
};
