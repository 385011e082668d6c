/** The room's vCard and avatar: XEP-0486 (its examples by number), XEP-0054. */
import { createHash } from 'node:crypto';
import { conversation, type Conversation } from '../support/conversation';
import { coven, crone, hag, iq, join, notice, owner, refusal, result, ROOM, submit, wicca } from './expected';
import type { Feature } from '../../src/room/contract/feature';
import type { Field, FormOut } from '../../src/xmpp/forms';
import { asFull } from '../support/jids';
import { measured } from '../support/work';

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

/** Presence from the room's own JID (XEP-0153, XEP-0115): no type, no muc#user. */
const shown = (to: string, hash = ''): string =>
  `<presence from="${ROOM}" to="${to}"><x xmlns="vcard-temp:x:update">${hash === '' ? '<photo/>' : `<photo>${hash}</photo>`}</x>` +
  `<c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="urn:parlour:room" ver="{text}"/></presence>`;
const withoutVer = (stanza: string | undefined): string | undefined => stanza?.replace(/ ver="[^"]*"/, ' ver="{text}"');
const verOf = (stanza: string): string | undefined => / ver="([^"]*)"/.exec(stanza)?.[1];

describe('XEP-0486 publishing', () => {
  test('XEP-0486 Example 2: the room advertises vcard-temp, and no hash while there is no avatar', () => {
    const c = coven();
    const about = info(c);
    expect(about).toContain('<feature var="vcard-temp"/>');
    expect(about).not.toContain('avatarhash');
  });

  test('XEP-0486 Examples 4 and 7: a result to the owner, then 104 to all who are present; E3: and presence from the room’s own JID', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, crone, 'set', '7fP13', card(photo(SVG)));
    c.expect(
      result(crone, '7fP13'),
      notice(crone, 104),
      notice(wicca, 104),
      notice(hag, 104),
      ...[crone, wicca, hag].map((to) => shown(to, SVG_HASH)),
    );
  });

  test('found F4: as many pictures as are bounded are kept, one more is refused, and nothing changes', () => {
    const c = coven();
    const pictures = (count: number): string =>
      card(Array.from({ length: count }, (_, i) => photo(Buffer.from(`picture ${i}`).toString('base64'))).join(''));
    iq(c, crone, 'set', '7fP13', pictures(20));
    c.forget();
    iq(c, crone, 'set', '7fP14', pictures(21));
    expect(c.take().join('')).toMatch(/ type="error".*<policy-violation /);
    expect(
      /<field var="muc#roominfo_avatarhash"[^>]*>((?:<value>[0-9a-f]{40}<.value>)*)/.exec(info(c))?.[1]?.match(/<value>/g),
    ).toHaveLength(20);
  });

  test('an owner who is outside may, too', () => {
    const c = coven();
    const elsewhere = 'crone1@shakespeare.lit/elsewhere';
    iq(c, elsewhere, 'set', '7fP13', card(photo(SVG)));
    c.expect(result(elsewhere, '7fP13'), notice(crone, 104), shown(crone, SVG_HASH));
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
    c.expect(result(crone, '83tFs'), notice(crone, 104), shown(crone));
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
    c.expect(notice(crone, 104), shown(crone, SVG_HASH));
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

  test('E2: the first hash is also in the field that Gajim and others read', () => {
    const c = coven();
    iq(c, crone, 'set', '7fP13', card(photo(SVG) + photo(PNG, 'image/png')));
    c.forget();
    expect(info(c)).toContain(
      `<field var="{http://modules.prosody.im/mod_vcard_muc}avatar#sha1" type="text-single" label="Avatar hash"><value>${SVG_HASH}</value></field>`,
    );
  });
});

describe('E3: presence from the room’s own JID', () => {
  const published = (options = {}): Conversation => {
    const c = coven([], {}, options);
    iq(c, crone, 'set', 'a', card(photo(SVG)));
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>hi</body></message>`);
    c.forget();
    return c;
  };

  test('E3: XEP-0486 Example 15 to who enters, directly after their own presence and before the history', () => {
    const c = published();
    join(c, hag, 'thirdwitch');
    const said = c.take().filter((stanza) => stanza.includes(` to="${hag}"`));
    expect(said.map((stanza) => / from="[^"/]*(\/[^"]*)?"/.exec(stanza)?.[1] ?? 'room')).toEqual([
      '/firstwitch',
      '/thirdwitch',
      'room',
      '/firstwitch',
      'room',
    ]);
    expect(withoutVer(said[2])).toBe(shown(hag, SVG_HASH));
    expect(said[3]).toContain('<body>hi</body>');
    expect(said[4]).toContain('<subject');
  });

  test('E3: to a second session and to a session that enters again, too; nobody else hears of it', () => {
    const c = published();
    const phone = 'crone1@shakespeare.lit/phone';
    for (const jid of [phone, phone]) {
      join(c, jid, 'firstwitch');
      expect(
        c
          .take()
          .filter((stanza) => stanza.includes('vcard-temp'))
          .map(withoutVer),
      ).toEqual([shown(jid, SVG_HASH)]);
    }
  });

  test('E3: a room without an avatar says nothing, nor does one whose vCard has no picture', () => {
    const c = coven();
    iq(c, crone, 'set', 'a', card('<FN>The Garden</FN>'));
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).not.toContain('vcard-temp');
  });

  test('E3: another picture is told to all, the same picture in another vCard to nobody', () => {
    const c = published();
    iq(c, crone, 'set', 'b', card(`<FN>The Garden</FN>${photo(SVG)}`));
    c.expect(result(crone, 'b'), notice(crone, 104));
    iq(c, crone, 'set', 'c', card(photo(PNG, 'image/png')));
    c.expect(result(crone, 'c'), notice(crone, 104), shown(crone, PNG_HASH));
  });

  test('E3: after a lost link it is said again, the removal too; after it had arrived it is not', () => {
    const c = published();
    c.restart();
    c.forget();
    c.restart(false);
    c.expect();
    iq(c, crone, 'set', 'b', EMPTY);
    c.forget();
    c.restart(false);
    c.expect(notice(crone, 104), shown(crone));
  });

  test('E3: who is entering while the picture changes is told of both, in order', () => {
    const c = published();
    join(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'b', EMPTY);
    expect(
      c
        .take()
        .filter((stanza) => stanza.includes(hag) && stanza.includes('vcard-temp'))
        .map(withoutVer),
    ).toEqual([shown(hag, SVG_HASH), shown(hag)]);
  });

  test('E3: not where the operator does not want it', () => {
    const c = published({ rooms: { avatarPresence: false } });
    join(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'b', EMPTY);
    expect(c.take().join('')).not.toContain('vcard-temp:x:update');
  });

  test('E3: disco#info is the same for every asker', () => {
    const c = published();
    const about = [crone, hag].map((who) => info(c, asFull(who)).replaceAll(who, ''));
    expect(about[0]).toBe(about[1]);
  });
});

describe('XEP-0115: the room’s capabilities, with its avatar', () => {
  const CAPS = 'http://jabber.org/protocol/caps';
  const published = (): Conversation => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_roomname': 'A &lt; B' });
    iq(c, crone, 'set', 'a', card(photo(SVG)));
    return c;
  };
  const at = (c: Conversation, ver: string, who: string = hag): string => {
    c.forget();
    iq(c, who, 'get', 'd', `<query xmlns="http://jabber.org/protocol/disco#info" node="urn:parlour:room#${ver}"/>`);
    return c.take().join('');
  };
  const texts = (xml: string, of: RegExp): string[] => [...xml.matchAll(of)].map((found) => unescaped(found[1] as string));
  const unescaped = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  /** §5.1, made of the answer by somebody who has nothing else. */
  const generated = (answer: string): string => {
    const octets = (list: readonly string[]): string[] => [...list].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const [name] = texts(answer, /<identity [^>]*name="([^"]*)"/g);
    const features = octets(texts(answer, /<feature var="([^"]*)"/g)).map((one) => `${one}<`);
    const forms = answer.match(/<x xmlns="jabber:x:data".*?<\/x>/g) ?? [];
    const formTexts = forms.map((form) => {
      const fields = [...form.matchAll(/<field ([^>]*?)(?:\/>|>(.*?)<\/field>)/g)].map(([, head, inner]) => ({
        name: unescaped(/var="([^"]*)"/.exec(head as string)?.[1] as string),
        values: octets(texts(inner ?? '', /<value>([^<]*)<\/value>/g)),
      }));
      const type = fields.find((field) => field.name === 'FORM_TYPE')?.values[0] as string;
      const rest = fields
        .filter((field) => field.name !== 'FORM_TYPE')
        .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
      return { type, text: `${type}<${rest.map((field) => `${[field.name, ...field.values].join('<')}<`).join('')}` };
    });
    formTexts.sort((a, b) => Buffer.compare(Buffer.from(a.type), Buffer.from(b.type)));
    return createHash('sha1')
      .update(`conference/text//${name as string}<${features.join('')}${formTexts.map(({ text }) => text).join('')}`)
      .digest('base64');
  };

  test('§6.2 the node of the hash has what it is made of (§5.1), for every asker; it is a feature', () => {
    const c = published();
    const [said] = c.take().filter((stanza) => stanza.includes(CAPS));
    const ver = verOf(said as string) as string;
    const answer = at(c, ver);
    expect(answer).toContain(`<query xmlns="http://jabber.org/protocol/disco#info" node="urn:parlour:room#${ver}">`);
    expect(generated(answer)).toBe(ver);
    expect(generated(at(c, ver, crone))).toBe(ver);
    expect(info(c)).toContain(`<feature var="${CAPS}"/>`);
  });

  test('§5.1 fields and forms are in the order of their names, whatever stands behind these; §5.4 a feature that two name is there once', () => {
    const field = (name: string): Field => ({ var: name, type: 'text-single', label: 'One', values: ['1'] });
    const form = (formType: string): FormOut => ({ type: 'result', formType, fields: [field('urn:example:f')] });
    const plugin: Feature = {
      name: 'others',
      disco: () => ['urn:example:a#b', 'urn:example:a', 'http://jabber.org/protocol/muc', 'urn:xmpp:ping'],
      info: () => [field('urn:example:a#b'), field('urn:example:a')],
      forms: () => [form('urn:example:x#y'), form('urn:example:x')],
    };
    const c = coven([], {}, { plugins: [plugin] });
    iq(c, crone, 'set', 'a', card(photo(SVG)));
    const [said] = c.take().filter((stanza) => stanza.includes(CAPS));
    const ver = verOf(said as string) as string;
    const answer = at(c, ver);
    expect(generated(answer)).toBe(ver);
    const named = texts(answer, /<feature var="([^"]*)"/g);
    expect(named).toEqual([...new Set(named)]);
    expect(named).toContain('urn:example:a#b');
  });

  test('what changes by itself is not in it: who enters and what the subject is leave the hash as it is', () => {
    const c = published();
    const ver = verOf(c.take().filter((stanza) => stanza.includes(CAPS))[0] as string) as string;
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><subject>Fire Burn</subject></message>`);
    join(c, wicca, 'secondwitch');
    const [again] = c.take().filter((stanza) => stanza.includes(CAPS));
    expect(verOf(again as string)).toBe(ver);
    expect(at(c, ver)).not.toMatch(/roominfo_occupants|roominfo_subject"/);
    expect(info(c)).toContain('muc#roominfo_occupants');
  });

  test('§6.1 another configuration has another hash, which all are told; at the old node there is nothing', () => {
    const c = published();
    const ver = verOf(c.take().filter((stanza) => stanza.includes(CAPS))[0] as string) as string;
    iq(c, crone, 'set', 'b', submit({ 'muc#roomconfig_moderatedroom': '1' }));
    const told = c.take().filter((stanza) => stanza.includes(CAPS));
    expect(told.map(withoutVer)).toEqual([crone, hag].map((to) => shown(to, SVG_HASH)));
    expect(verOf(told[0] as string)).not.toBe(ver);
    expect(at(c, ver)).toContain('<item-not-found');
    expect(at(c, verOf(told[0] as string) as string)).toContain('muc_moderated');
  });

  test('§6.1 another list of hats, or of pictures with the same first one, has another hash too, which those inside are told', () => {
    const c = published();
    const inside = (): readonly string[] => [
      ...new Set(
        c
          .take()
          .filter((stanza) => stanza.includes(CAPS))
          .map((one) => verOf(one) as string),
      ),
    ];
    const hat = (node: string, fields: string): void =>
      iq(
        c,
        crone,
        'set',
        'hat',
        `<command xmlns="http://jabber.org/protocol/commands" node="urn:xmpp:hats:commands:${node}"><x xmlns="jabber:x:data" type="submit">${fields}</x></command>`,
      );
    const field = (name: string, value: string): string => `<field var="hats#${name}"><value>${value}</value></field>`;
    const vers = [...inside()];
    hat('create', field('title', 'Host') + field('uri', 'x:host'));
    vers.push(...inside());
    iq(c, crone, 'set', 'b', card(photo(SVG) + photo(PNG, 'image/png')));
    vers.push(...inside());
    expect(new Set(vers).size).toBe(3);
    expect(at(c, vers.at(-1) as string)).toContain('hats#hash');
    c.forget();
    hat('destroy', field('uri', 'x:host'));
    expect(inside()).not.toContain(vers.at(-1));
  });

  test('§6.1 the operator’s rules are others: those inside are told another hash with the next input, also of a room that slept or a service that was ended meanwhile', () => {
    const c = published();
    const told = (): string[] =>
      c
        .take()
        .filter((stanza) => stanza.includes(CAPS))
        .map((stanza) => verOf(stanza) as string);
    const [ver] = told() as [string];
    const next = (): string[] => {
      c.input(ROOM, { kind: 'timer' });
      return told();
    };
    expect(next()).toEqual([]);
    // A limit that discovery does not tell.
    c.reread({ subject: 77 });
    expect(next()).toEqual([]);
    c.reread({ history: 7 });
    const said = next();
    expect([said.length, new Set(said).size]).toEqual([2, 1]);
    expect(said[0]).not.toBe(ver);
    expect(at(c, said[0] as string)).not.toContain('item-not-found');
    expect(next()).toEqual([]);
    c.restart(true);
    c.reread({ history: 9 });
    const after = next();
    expect([after.length, after.includes(said[0] as string)]).toEqual([2, false]);
    // Nobody is told twice.
    c.restart(true);
    expect(next()).toEqual([]);
  });

  test('is made once for all who enter while the room is the same, and whatever is done to the room, what is told can be asked for', () => {
    const c = published();
    const enter = (i: number): string => {
      c.forget();
      join(c, `p${i}@x.lit/1`, `p${i}`);
      return verOf(c.take().find((stanza) => stanza.includes(CAPS)) as string) as string;
    };
    enter(0);
    const hashes = (room: Conversation): number => {
      const [before, after] = [30, 31].map((i) => measured(() => join(room, `p${i}@x.lit/1`, `p${i}`)).work.hashes) as [number, number];
      expect(after).toBe(before);
      return after;
    };
    expect(hashes(c)).toBe(hashes(coven()));
    const acts: readonly (() => void)[] = [
      () => iq(c, crone, 'set', 'x', submit({ 'muc#roomconfig_roomname': 'Another' })),
      () => iq(c, crone, 'set', 'x', submit({ 'muc#roomconfig_lang': 'de', 'muc#roomconfig_whois': 'anyone' })),
      () => iq(c, crone, 'set', 'x', submit({ '{urn:parlour:room}listversions': '1', 'muc#roomconfig_enablearchiving': '0' })),
      () => iq(c, crone, 'set', 'x', submit({ '{urn:parlour:room}archivedays': '3' })),
      () => iq(c, crone, 'set', 'x', card(photo(PNG, 'image/png'))),
      () => c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>Hail</body></message>`),
      () => c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><subject>Fire</subject></message>`),
      () => c.restart(),
    ];
    acts.forEach((act, i) => {
      act();
      const ver = enter(i + 1);
      expect([i, generated(at(c, ver))]).toEqual([i, ver]);
    });
  });

  test('for them alone no presence is sent: XEP-0486 says how clients take it amiss', () => {
    const c = coven();
    join(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'b', submit({ 'muc#roomconfig_moderatedroom': '1' }));
    expect(c.take().join('')).not.toContain(CAPS);
  });
});
