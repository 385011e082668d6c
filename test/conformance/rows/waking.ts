/** What wakes people who are away, and how they are mentioned (docs/extensions.md). */
import { by, conv, row, type Row } from '../row';

const wake = (title: string) => conv('wake-ups', title);
const waker = (title: string) => by('service/waker', title);

export const WAKING: readonly Row[] = [
  row(
    'consent',
    '7.10',
    'nothing goes to people who never entered, registered or asked; a wish ends with what gave it',
    wake('a thousand strangers are listed, a hundred messages said: a thousand invitations through the queue of notices, nothing else'),
    wake('who comes in without belonging to the room is never woken'),
    wake('§7.10 fields of the registration form: ours, and the alias; only in rooms that archive'),
    wake('ends with the affiliation of a domain, with unregistering, with a decline, with `gone`, and a year unseen'),
    wake('the right to be woken is asked at delivery: members only, a password, a ban of the domain'),
  ),
  row(
    'XEP-0372',
    'XEP-0372 §3.2',
    'a reference mentions whom it names',
    wake('XEP-0372, XEP-0461, a nickname: %s'),
    conv('mention-notices', 'by address: as it was said, with the room’s stanza-id, after everybody has it'),
  ),
  row(
    'XEP-0513',
    'XEP-0513 §4.2',
    'a mention mentions whom it names, alone or with a group',
    wake('as one of a group, for moderators; an encrypted message is one of all'),
  ),
  row(
    'XEP-0461',
    'XEP-0461 §3',
    'a reply mentions the author of what it names, with or without `to`; what it quotes mentions nobody (§3.1)',
    wake('XEP-0372, XEP-0461, a nickname: %s'),
    wake('once, with the reply; of others, of what is not there and of a message of one’s own nobody is woken'),
    wake('XEP-0461 §3.1, XEP-0513 §4.6: nobody %s'),
  ),
  row(
    'XEP-0452',
    'XEP-0452 §3',
    'one event, one stanza: a wake-up or a notice',
    wake('XEP-0452 one event, one stanza: who has a wish is woken, others get the notice if the room forwards'),
  ),
  row(
    'XEP-0357',
    'XEP-0357',
    'stock servers push to phones what wakes their accounts, and the pushes are loud',
    by('e2e/pushes', "Siskin's and Snikket's field of the registration form rings for every message"),
    by('e2e/pushes', 'clients that are away for five minutes do not silence the phone, if all of them are, and show nothing but the room'),
    by('e2e/pushes', 'still so after restarts of Parlour and of the server'),
    by('e2e/pushes', 'a phone that sleeps on the server (XEP-0198) is woken by the server'),
    by('e2e/pushes', 'a moderated message is in no archive of the account'),
  ),
  row(
    'XEP-0492',
    'XEP-0492 § "Business Rules"',
    'who has said nothing in the room is woken by what they have set for it in their account, where its server lets us read it',
    conv('account-settings', 'always, in a public room'),
    conv('account-settings', 'on-mention, in a private group'),
    conv('account-settings', 'never'),
    conv('account-settings', 'nothing is set: "always" in private groups, "on-mention" in public ones'),
    conv('account-settings', 'who was in the room without belonging to it is woken if they have set so, and only as long as they have'),
    by('service/bookmarks', 'what an account has set for a room (XEP-0492): %s'),
    by('e2e/conversations/accounts', 'reads what absent people have set for a room in their account: always rings them, never does not'),
  ),
  row(
    'XEP-0092',
    'XEP-0092',
    'the form is that of the software of the account’s server, which is asked once a week',
    waker('is asked once a week, of who has not said once a day, and what the operator says is not asked'),
    waker('service-unavailable tells nothing; another permanent error moves the domain to the other form, once'),
    waker('a pause goes on, of a full account and of one that is given up; a domain keeps its form and is asked once a week'),
  ),
  row(
    'bounds',
    '16',
    'not too much: once in an interval, six an hour because of one other, forty that wait at a server, pauses; also after a restart',
    wake('one until they are seen again or the interval is over; then one with the count, also after a restart'),
    wake('a mention at once, unless one rang in the last minute: then folded, with the count'),
    wake('six an hour by the mentions of one person, whoever else mentions them: %s'),
    waker('forty doorbells over all rooms until its next sign of life; a form that nobody keeps is not bounded'),
    waker('resource-constraint is a pause of a day, or until a sign of life'),
    waker('after a %s no account is woken more often: forty doorbells in all'),
    by('e2e/pushes', 'a crowd of messages rings once and once with the count; a thousand mentions by one person likewise'),
    by('e2e/pushes', "fifty mentions in each of twenty rooms leave a friend's message its place"),
  ),
];
