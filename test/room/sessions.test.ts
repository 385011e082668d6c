/** Sessions at their corners: which nick they asked for, which of them is shown, and how they are lost. */
import { coven, crone, gone, hag, hecate, join, noSubject, presence, ROOM, wicca } from '../conversations/expected';

const phone = 'hag66@shakespeare.lit/phone';
const plain = { affiliation: 'none', role: 'participant' };

test('§7.2.2 210 is for a nick that was not given: not any more when the session asks for the one it has', () => {
  const c = coven(['thirdwitch']);
  join(c, phone, 'other');
  c.expectTo(
    phone,
    presence('firstwitch', phone, { affiliation: 'owner', role: 'moderator' }),
    presence('thirdwitch', phone, plain, { id: 'n13mt3l', codes: [110, 210] }),
    noSubject(phone),
  );
  join(c, phone, 'thirdwitch');
  c.expectTo(
    phone,
    presence('firstwitch', phone, { affiliation: 'owner', role: 'moderator' }),
    presence('thirdwitch', phone, plain, { id: 'n13mt3l', codes: [110] }),
    noSubject(phone),
  );
});

test('§7.6 a nick that was not given can be asked for again, once the session has used the one it has', () => {
  const c = coven(['thirdwitch']);
  join(c, phone, 'other');
  c.send(`<presence from="${phone}" to="${ROOM}/thirdwitch"><show>away</show></presence>`);
  c.forget();
  c.send(`<presence from="${phone}" to="${ROOM}/other" id="n"/>`);
  c.expectTo(
    phone,
    presence('thirdwitch', phone, { ...plain, nick: 'other' }, { type: 'unavailable', codes: [110, 303] }),
    presence('other', phone, plain, { id: 'n', codes: [110], occupant: 'thirdwitch' }),
  );
});

test('of sessions with equal priority the first to come is shown, also after a restart and a second entry', () => {
  const c = coven(['thirdwitch']);
  c.advance(1000);
  join(c, phone, 'thirdwitch');
  const shown = (): string | undefined => {
    c.forget();
    join(c, wicca, 'secondwitch');
    const told = c.take().find((stanza) => stanza.includes('/thirdwitch"') && stanza.includes(`to="${wicca}"`));
    c.send(`<presence from="${wicca}" to="${ROOM}/secondwitch" type="unavailable"/>`);
    return /<item [^>]*jid="([^"]*)"/.exec(told ?? '')?.[1];
  };
  expect(shown()).toBe(hag);
  join(c, hag, 'thirdwitch');
  expect(shown()).toBe(hag);
  c.restart();
  expect(shown()).toBe(hag);
});

test('§17.3 a second entry that brings another session to the front is told to the others', () => {
  const c = coven(['thirdwitch']);
  const five = '<priority>5</priority>';
  join(c, phone, 'thirdwitch', '', five);
  c.forget();
  join(c, hag, 'thirdwitch', '', '<priority>9</priority>');
  c.expectTo(crone, presence('thirdwitch', crone, { ...plain, jid: hag }, { content: '<priority>9</priority>' }));
});

test('§14.5 what a server says about an address that is gone does not tell the address', () => {
  const c = coven(['thirdwitch']);
  join(c, hecate, 'hecate');
  c.forget();
  c.input(ROOM, { kind: 'gone', jid: hag, text: `User ${hag} (hag66@shakespeare.lit) not found` });
  const inItem = '<reason>The connection to this person was lost: User thirdwitch (thirdwitch) not found</reason>';
  c.expectTo(hecate, gone('thirdwitch', hecate, { affiliation: 'none' }, { inItem, codes: [333] }));
});

test('one of two sessions that leaves is told so again after a crash', () => {
  const c = coven(['thirdwitch']);
  join(c, phone, 'thirdwitch');
  c.restart();
  c.forget();
  c.send(`<presence from="${phone}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
  c.forget();
  c.restart(false);
  c.expectTo(phone, gone('thirdwitch', phone, { affiliation: 'none' }, { codes: [110] }));
});
