/** The room's vCard and avatar: XEP-0486 (its examples by number), XEP-0054. */
import { conversation } from '../support/conversation';
import { coven, crone, hag, iq, join, notice, owner, refusal, result, ROOM, submit, wicca } from './expected';

const SVG =
  'PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIzMiIgaGVpZ2h0PSIzMiI+CiA8cmVjdCB4PSIwIiB5PSIwIiB3aWR0aD0iMzIiIGhlaWdodD0iMzIiIGZpbGw9InJlZCIvPgo8L3N2Zz4K';
const SVG_HASH = 'a31c4bd04de69663cfd7f424a8453f4674da37ff';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAAB3RJTUUH4ggVERoVAPsrMgAAAAlwSFlzAAALEgAACxIB0t1+/AAAABl0RVh0U29mdHdhcmUAd3d3Lmlua3NjYXBlLm9yZ5vuPBoAAAAEZ0FNQQAAsY8L/GEFAAAAIGNIUk0AAHomAACAhAAA+gAAAIDoAAB1MAAA6mAAADqYAAAXcJy6UTwAAAAGUExURf8AAP///0EdNBEAAAABYktHRAH/Ai3eAAAADElEQVQI12NgGNwAAACgAAFhJX1HAAAAAElFTkSuQmCC';
const PNG_HASH = 'b9b256f999ded52c2fa14fb007c2e5b979450cbb';
const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const EMPTY = '<vCard xmlns="vcard-temp"/>';
const photo = (binval: string, type = 'image/svg+xml'): string => `<PHOTO><TYPE>${type}</TYPE><BINVAL>${binval}</BINVAL></PHOTO>`;
const card = (content: string): string => `<vCard xmlns="vcard-temp">${content}</vCard>`;
const hashField = (...hashes: string[]): string =>
  `<field var="muc#roominfo_avatarhash" type="text-multi" label="Avatar hash">${hashes.map((hash) => `<value>${hash}</value>`).join('')}</field>`;

const info = (c: ReturnType<typeof conversation>, who = hag): string => {
  iq(c, who, 'get', 'K92am', INFO);
  return c.take().join('');
};

describe('XEP-0486 publishing', () => {
  test('XEP-0486 Example 2: the room advertises vcard-temp, and no hash while there is no avatar', () => {
    const c = coven();
    const about = info(c);
    expect(about).toContain('<feature var="vcard-temp"/>');
    expect(about).not.toContain('avatarhash');
  });

  test('XEP-0486 Examples 4 and 7: a result to the owner, then 104 to all who are present', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', '7fP13', card(photo(SVG)));
    c.expect(result(crone, '7fP13'), notice(crone, 104), notice(wicca, 104), notice(hag, 104));
  });

  test('an owner who is outside may, too', () => {
    const c = coven();
    const elsewhere = 'crone1@shakespeare.lit/elsewhere';
    iq(c, elsewhere, 'set', '7fP13', card(photo(SVG)));
    c.expect(result(elsewhere, '7fP13'), notice(crone, 104));
  });

  test('XEP-0486 Example 6: forbidden for anybody else, admins included, and nothing changes', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    for (const who of [wicca, hag]) {
      iq(c, who, 'set', '7fP13', card(photo(SVG)));
      c.expect(refusal('iq', ROOM, who, '7fP13', 'auth', 'forbidden'));
    }
    iq(c, hag, 'get', 'uD10h', EMPTY);
    c.expect(result(hag, 'uD10h', EMPTY));
  });

  test('the same vCard once more: a result and no notice', () => {
    const c = coven();
    iq(c, crone, 'set', 'a', card(photo(SVG)));
    c.forget();
    iq(c, crone, 'set', 'b', card(photo(SVG)));
    c.expect(result(crone, 'b'));
  });

  test('XEP-0486 Example 8: an empty vCard removes it, with 104 if there was one', () => {
    const c = coven();
    iq(c, crone, 'set', '83tFs', EMPTY);
    c.expect(result(crone, '83tFs'));
    iq(c, crone, 'set', '7fP13', card(photo(SVG)));
    c.forget();
    iq(c, crone, 'set', '83tFs', EMPTY);
    c.expect(result(crone, '83tFs'), notice(crone, 104));
    expect(info(c)).not.toContain('avatarhash');
    iq(c, hag, 'get', 'uD10h', EMPTY);
    c.expect(result(hag, 'uD10h', EMPTY));
  });

  test('larger than the limit: not-acceptable, which names it; at the limit it is taken', () => {
    const longest = card(`<DESC>${'é'.repeat(480)}</DESC>`);
    const vcardBytes = Buffer.byteLength(longest);
    const c = coven([], {}, { limits: { vcardBytes } });
    iq(c, crone, 'set', 'a', card(`<DESC>${'é'.repeat(480)}.</DESC>`));
    const [refused] = c.take();
    expect(refused).toContain('<not-acceptable');
    expect(refused).toContain(String(vcardBytes));
    iq(c, crone, 'set', 'b', longest);
    c.expect(result(crone, 'b'), notice(crone, 104));
  });

  test.each(['a', 'ab=c', 'abc', 'a===', '!!!!', 'abc-'])('base64 that is none (%s): bad-request', (binval) => {
    const c = coven();
    iq(c, crone, 'set', 'a', card(photo(binval)));
    c.expect(refusal('iq', ROOM, crone, 'a', 'modify', 'bad-request'));
    iq(c, hag, 'get', 'b', EMPTY);
    c.expect(result(hag, 'b', EMPTY));
  });
});

describe('XEP-0486 finding it', () => {
  test('XEP-0486 Example 10: the hash is in disco#info, for strangers too, also of base64 in lines', () => {
    const c = coven();
    iq(c, crone, 'set', '7fP13', card(photo(`\n  ${SVG.slice(0, 76)}\n  ${SVG.slice(76)}\n`)));
    c.forget();
    expect(info(c)).toContain(hashField(SVG_HASH));
  });

  test('XEP-0486 Example 12: the vCard as it was set, also to somebody outside', () => {
    const c = coven();
    const vcard = card(`<FN>The Garden</FN>${photo(SVG)}`);
    iq(c, crone, 'set', '7fP13', vcard);
    c.forget();
    iq(c, hag, 'get', 'uD10h', EMPTY);
    c.expect(result(hag, 'uD10h', vcard));
  });

  test('XEP-0486 Example 14: a hash for each format', () => {
    const c = coven();
    iq(c, crone, 'set', '7fP13', card(photo(SVG) + photo(PNG, 'image/png')));
    c.forget();
    expect(info(c)).toContain(hashField(SVG_HASH, PNG_HASH));
  });

  test('a vCard without a picture in it has no hash', () => {
    const c = coven();
    const elsewhere = '<PHOTO><EXTVAL>https://shakespeare.lit/garden.png</EXTVAL></PHOTO>';
    iq(c, crone, 'set', 'a', card(`<FN>The Garden</FN>${photo('')}${elsewhere}`));
    c.expect(result(crone, 'a'), notice(crone, 104));
    expect(info(c)).not.toContain('avatarhash');
  });

  test('outcasts get nothing: forbidden', () => {
    const c = coven();
    const item = '<item affiliation="outcast" jid="hag66@shakespeare.lit"/>';
    iq(c, crone, 'set', 'ban1', `<query xmlns="http://jabber.org/protocol/muc#admin">${item}</query>`);
    c.forget();
    iq(c, hag, 'get', 'uD10h', EMPTY);
    c.expect(refusal('iq', ROOM, hag, 'uD10h', 'auth', 'forbidden'));
  });

  test('until the room is configured: there for its owner only', () => {
    const c = conversation();
    join(c, crone, 'firstwitch');
    c.forget();
    iq(c, hag, 'get', 'a', EMPTY);
    c.expect(refusal('iq', ROOM, hag, 'a', 'cancel', 'item-not-found'));
    iq(c, crone, 'get', 'b', EMPTY);
    c.expect(result(crone, 'b', EMPTY));
  });

  test('survives a restart, the notice too if it had not arrived', () => {
    const c = coven();
    c.restart();
    c.forget();
    iq(c, crone, 'set', 'a', card(photo(SVG)));
    c.forget();
    c.restart(false);
    c.expect(notice(crone, 104));
    expect(info(c)).toContain(hashField(SVG_HASH));
    iq(c, hag, 'get', 'b', EMPTY);
    c.expect(result(hag, 'b', card(photo(SVG))));
  });

  test('is gone with the room', () => {
    const c = coven();
    iq(c, crone, 'set', 'a', card(photo(SVG)));
    iq(c, crone, 'set', 'begone', owner('<destroy/>'));
    join(c, hag, 'thirdwitch');
    iq(c, hag, 'set', 'create', submit({}));
    c.forget();
    iq(c, hag, 'get', 'b', EMPTY);
    c.expect(result(hag, 'b', EMPTY));
  });

  test('XEP-0486 Example 15 is not sent: a joiner hears nothing from the bare room JID but the subject', () => {
    const c = coven();
    iq(c, crone, 'set', 'a', card(photo(SVG)));
    c.forget();
    join(c, hag, 'thirdwitch');
    const fromRoom = c.take().filter((stanza) => stanza.includes(` from="${ROOM}"`));
    expect(fromRoom.map((stanza) => stanza.slice(0, 8))).toEqual(['<message']);
    expect(fromRoom[0]).toContain('<subject');
  });
});
