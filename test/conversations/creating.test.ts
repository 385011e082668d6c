/** Creating a room: XEP-0045 §10.1, §7.2.10. */
import { conversation } from '../support/conversation';
import { crone, gone, hag, iq, join, noSubject, notice, owner, presence, refusal, result, ROOM, submit, X } from './expected';

const created = presence(
  'firstwitch',
  crone,
  { affiliation: 'owner', role: 'moderator', jid: crone },
  { id: 'n13mt3l', codes: [110, 201] },
);
const emptySubmit = owner('<x xmlns="jabber:x:data" type="submit"/>');

test('§10.1.1 Examples 153-154 the creator is owner and moderator, told so with 110 and 201 in their first presence', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.expect(created, noSubject(crone));
});

test('§7.2.10 Example 31 while it is locked nobody else gets in; §10.1.2 Example 155 the empty submit unlocks it', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'item-not-found', X));
  iq(c, crone, 'set', 'create1', emptySubmit);
  c.expect(result(crone, 'create1'));
  join(c, hag, 'thirdwitch');
  c.expect(
    presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator' }),
    presence('thirdwitch', crone, { affiliation: 'none', role: 'participant', jid: hag }),
    presence('thirdwitch', hag, { affiliation: 'none', role: 'participant' }, { id: 'n13mt3l', codes: [110] }),
    noSubject(hag),
  );
});

test('§10.1.1 Example 152 a restricted service refuses with not-allowed and nothing else', () => {
  const c = conversation({ mayCreate: () => false });
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'not-allowed', X));
});

test('§10.1.3 a reserved room: form, submit, result', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  iq(
    c,
    crone,
    'set',
    'create2',
    submit({
      'muc#roomconfig_roomname': 'A Dark Cave',
      'muc#roomconfig_passwordprotectedroom': '1',
      'muc#roomconfig_roomsecret': 'cauldronburn',
    }),
  );
  // §10.2.1: the creator's client may have asked for the features before.
  c.expect(result(crone, 'create2'), notice(crone, 104));
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'auth', 'not-authorized', X));
});

test('§10.1.3 Example 161 a blank password of a protected room is not-acceptable, and the room stays locked', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  iq(c, crone, 'set', 'create2', submit({ 'muc#roomconfig_passwordprotectedroom': '1' }));
  c.expect(refusal('iq', ROOM, crone, 'create2', 'modify', 'not-acceptable'));
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'item-not-found', X));
});

test('§10.1.3 Example 162 cancelling the first form destroys the room: the farewell, then the result; the name is free at once', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  iq(c, crone, 'set', 'create2', owner('<x xmlns="jabber:x:data" type="cancel"/>'));
  c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { codes: [110], destroy: '<destroy/>' }), result(crone, 'create2'));
  join(c, crone, 'firstwitch');
  c.expect(
    presence(
      'firstwitch',
      crone,
      { affiliation: 'owner', role: 'moderator', jid: crone },
      { id: 'n13mt3l', codes: [110, 201], occupant: 'crone in the second room' },
    ),
    noSubject(crone),
  );
});

test('§10.1.3 the owner who leaves before configuring destroys the room, with one presence', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable" id="bye"/>`);
  c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { id: 'bye', codes: [110], destroy: '<destroy/>' }));
});

test('§10.1 a restart between creation and configuration: still locked, still the owner’s', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  c.restart();
  join(c, hag, 'thirdwitch');
  c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'item-not-found', X));
  iq(c, crone, 'set', 'create1', emptySubmit);
  c.expect(result(crone, 'create1'));
});
