/** The command by which admins give somebody an affiliation, for good or with an end. Clients' own lists (XEP-0045 §9, §10) have no place for an end. */
import { commandRefusal } from '../../xmpp/ad-hoc';
import { stanzaError } from '../../xmpp/stanza-error';
import { short } from '../../xmpp/short';
import { say, Sentence } from '../../words';
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
  { value: 'outcast', label: say('affiliateOutcast') },
  { value: 'member', label: say('affiliateMember') },
  { value: 'admin', label: say('affiliateAdmin') },
  { value: 'owner', label: say('affiliateOwner') },
  { value: 'none', label: say('affiliateNone') },
];

export const affiliateCommand: RoomAdHocCommand = {
  node: NODE,
  title: 'affiliateTitle',
  refuse: (room, from) => (isAdmin(room.affiliationOf(from)) ? undefined : stanzaError('forbidden', say('adminsOnly'))),
  form: () => ({
    type: 'form',
    formType: NODE,
    title: say('affiliateTitle'),
    instructions: say('affiliateInstructions'),
    fields: [
      { var: 'jid', type: 'jid-single', label: say('affiliateWho'), required: true, values: [] },
      { var: 'affiliation', type: 'list-single', label: say('affiliateAs'), required: true, values: ['outcast'], options: CHOICES },
      { var: 'for', type: 'text-single', label: say('affiliateFor'), values: [] },
      { var: 'reason', type: 'text-single', label: say('purgeReason'), values: [] },
    ],
  }),
  run: ({ room, turn, stanza, from }, answers, sessionid) => {
    const text = (field: string): string => (answers.get(field)?.[0] ?? '').trim();
    const raw = text('jid');
    const address = writtenAddress(room, raw);
    if (address === 'nobody') return stanzaError('item-not-found', say('noSuchNick'));
    if (address === 'malformed') return commandRefusal('bad-payload', say('itemJid', { jid: short(raw) }));
    const { jid } = address;
    const affiliation = text('affiliation');
    if (!isAffiliation(affiliation)) return commandRefusal('bad-payload', say('itemUnknown', { value: short(affiliation) }));
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
    turn.say(completed(stanza, NODE, sessionid, say('affiliateDone'), askersLanguage(room, stanza, from)));
    setAffiliations(room, turn, actor, [item])();
    endIfEmpty(room, turn);
    return undefined;
  },
};
