/** Everybody is answered in their language, and everybody at once is spoken to in the room's (RFC 6120 §8.1.5, RFC 4647 §3.4). */
import { admin, coven, crone, hag, iq, ROOM, wicca } from './expected';
import { MODE, send as register } from './registration-stanzas';

const LANG = 'muc#roomconfig_lang';
const OWNER = '<query xmlns="http://jabber.org/protocol/muc#owner"/>';
const asks = (from: string, lang: string | undefined, payload: string, type = 'get'): string =>
  `<iq from="${from}" to="${ROOM}" type="${type}" id="l"${lang === undefined ? '' : ` xml:lang="${lang}"`}>${payload}</iq>`;
const joins = (from: string, nick: string, lang?: string): string =>
  `<presence from="${from}" to="${ROOM}/${nick}"${lang === undefined ? '' : ` xml:lang="${lang}"`}><x xmlns="http://jabber.org/protocol/muc"/></presence>`;
const text = (xml: string): string => /<text [^>]*xml:lang="[^"]*"[^>]*>[^<]*/.exec(xml)?.[0].replace(/^<text xmlns="[^"]*" /, '') ?? '';

const sends = (c: ReturnType<typeof coven>, ...stanzas: string[]): void => {
  for (const stanza of stanzas) c.send(stanza);
};

const ENGLISH = 'xml:lang="en">Only owners of this room may do this.';
const GERMAN = 'xml:lang="de">Das dürfen nur Besitzer dieses Raums.';

describe('errors', () => {
  test.each([
    ['de', GERMAN],
    ['de-AT', GERMAN],
    ['DE-at', GERMAN],
    ['en', ENGLISH],
    ['pt', ENGLISH],
    ['x'.repeat(100_000), ENGLISH],
    [undefined, ENGLISH],
  ] as const)('to who asks in %.10s', (lang, sentence) => {
    const c = coven(['thirdwitch']);
    sends(c, asks(hag, lang, OWNER));
    expect(c.take().map(text)).toEqual([sentence]);
  });

  test('in the language of the latest presence, where the stanza has none; another person gets theirs', () => {
    const c = coven([]);
    sends(c, joins(hag, 'thirdwitch', 'de'), joins(wicca, 'secondwitch'));
    c.take();
    sends(c, asks(hag, undefined, OWNER), asks(wicca, undefined, OWNER));
    expect(c.take().map(text)).toEqual([GERMAN, ENGLISH]);
    // Presence without a language says nothing of it, another language does.
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"><show>away</show></presence>`);
    c.take();
    sends(c, asks(hag, undefined, OWNER));
    expect(c.take().map(text)).toEqual([GERMAN]);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" xml:lang="en"><show>away</show></presence>`);
    c.take();
    sends(c, asks(hag, undefined, OWNER), asks(hag, 'de', OWNER));
    expect(c.take().map(text)).toEqual([ENGLISH, GERMAN]);
  });

  test('of entering, and of a message', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1', [MODE]: 'nobody' });
    sends(c, joins(hag, 'thirdwitch', 'de'));
    expect(c.take().map(text)).toEqual([
      'xml:lang="de">Diesen Raum dürfen nur Mitglieder betreten. Ein Admin des Raums kann jemanden zum Mitglied machen.',
    ]);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m" xml:lang="de"><body>Hallo</body></message>`);
    expect(c.take().map(text)).toEqual(['xml:lang="de">Nicht in diesem Raum. Erst beitreten.']);
  });
});

describe('forms', () => {
  const labels = (xml: string): string[] => [...xml.matchAll(/ label="([^"]*)"/g)].map(([, label = '']) => label);

  test('the owner’s, with its labels and choices; the same fields', () => {
    const c = coven();
    sends(c, asks(crone, 'de', OWNER), asks(crone, 'en', OWNER), asks(crone, undefined, OWNER));
    const [german = '', english = '', plain] = c.take();
    expect(german).toContain(`<title>Konfiguration von ${ROOM}</title>`);
    expect(labels(german)).toEqual(expect.arrayContaining(['Nur Mitglieder dürfen hinein', 'Nur Moderatoren', 'Besitzer des Raums']));
    expect(english).toContain(`<title>Configuration of ${ROOM}</title>`);
    expect(plain).toBe(english);
    const fields = (xml: string): string[] => [...xml.matchAll(/ var="([^"]*)"/g)].map(([, name = '']) => name);
    expect(fields(german)).toEqual(fields(english));
    // Numbers and names are the same in both.
    const same = labels(german).filter((label, i) => label === labels(english)[i] && /[a-z]{5}/.test(label));
    expect(same).toEqual([]);
  });

  test('of registering, and a wrong value in it', () => {
    const c = coven();
    sends(c, asks(hag, 'de', '<query xmlns="jabber:iq:register"/>'));
    expect(c.take()[0]).toContain('label="Gewünschter Spitzname"');
    const wrong =
      '<query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var="muc#roomconfig_whois"><value>nobody</value></field></x></query>';
    sends(c, asks(crone, 'de', wrong, 'set'));
    expect(c.take().map(text)).toEqual(['xml:lang="de">muc#roomconfig_whois nimmt eines von moderators, anyone, nicht „nobody“.']);
  });

  test('to several moderators in the room’s language', () => {
    const c = coven([], { [LANG]: 'de-DE', [MODE]: 'approval' });
    register(c);
    expect(c.take().join('')).toContain('<title>Bitte um Registrierung</title>');
  });
});

test('ad-hoc commands: list, form, refusal and note', () => {
  const c = coven();
  const command = (inner = '', attrs = ''): string =>
    `<command xmlns="http://jabber.org/protocol/commands" node="urn:parlour:audit"${attrs}>${inner}</command>`;
  sends(
    c,
    asks(crone, 'de', '<query xmlns="http://jabber.org/protocol/disco#items" node="http://jabber.org/protocol/commands"/>'),
    asks(crone, 'de', command(), 'set'),
    asks(crone, 'en', command(), 'set'),
    asks(crone, 'de', command('', ' action="dance"'), 'set'),
  );
  const [list, german, english, refused = ''] = c.take();
  expect(list).toContain('name="Wer hat was geändert"');
  expect(german).toContain('xml:lang="de"');
  expect(german).toContain('<title>Wer hat was geändert</title>');
  expect(english).toContain('xml:lang="en"');
  expect(english).toContain('<title>Who changed what</title>');
  expect(text(refused)).toMatch(/^xml:lang="de">„dance“/);
});

describe('to everybody', () => {
  const broken = (fields: Record<string, string>): string => {
    const c = coven(['thirdwitch'], fields);
    c.take();
    c.input(ROOM, { kind: 'gone', jid: hag, text: 'timeout' });
    return c.take().join('');
  };

  test.each([
    [{}, 'The connection to this person was lost: timeout'],
    [{ [LANG]: 'en' }, 'The connection to this person was lost: timeout'],
    [{ [LANG]: 'de' }, 'Die Verbindung zu dieser Person ging verloren: timeout'],
    [{ [LANG]: 'de-CH' }, 'Die Verbindung zu dieser Person ging verloren: timeout'],
    [{ [LANG]: 'pt' }, 'The connection to this person was lost: timeout'],
  ])('in the language of the room %j', (fields, sentence) => {
    expect(broken(fields as Record<string, string>)).toContain(sentence);
  });

  test('whoever asks in their own language gets it in a room of another', () => {
    const c = coven(['thirdwitch'], { [LANG]: 'de' });
    sends(c, asks(hag, 'en', OWNER), asks(hag, undefined, OWNER));
    expect(c.take().map(text)).toEqual([ENGLISH, ENGLISH]);
  });
});

test('without a language all is as it was', () => {
  const c = coven(['thirdwitch']);
  iq(c, hag, 'set', 'a', admin('<item affiliation="outcast" jid="a@b.example"/>'));
  expect(c.take().map(text)).toEqual([expect.stringMatching(/^xml:lang="en">/)]);
});
