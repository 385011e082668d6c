/** Administrators are answered in their language, each in theirs, also by the service itself. */
import { ADMIN, BARD, COMMANDS, hall, submit, type Hall } from './hall';
import { settle } from '../service/fake-clock';
import { DOMAIN } from '../service/rig';

const ask = async (h: Hall, lang: string | undefined, inner: string, type = 'set', from = BARD): Promise<string> => {
  h.link.xml = [];
  h.feed(`<iq from="${from}" to="${DOMAIN}" type="${type}" id="c"${lang === undefined ? '' : ` xml:lang="${lang}"`}>${inner}</iq>`);
  await settle();
  return h.link.xml.join('');
};
const command = (node: string, attrs = '', inner = ''): string => `<command xmlns="${COMMANDS}" node="${node}"${attrs}>${inner}</command>`;

test('form, note and list of commands', async () => {
  const h = await hall();
  const node = `${ADMIN}#shutdown`;
  const form = await ask(h, 'de-CH', command(node));
  expect(form).toContain('xml:lang="de"');
  expect(form).toContain('<title>Dienst beenden</title>');
  expect(form).toContain('<option label="30 Sekunden">');
  const sessionid = /sessionid="([^"]*)"/.exec(form)?.[1] ?? '';
  const done = await ask(h, undefined, command(node, ` sessionid="${sessionid}"`, submit('')));
  expect(done).toContain('<note type="info">Der Dienst endet in 30 Sekunden.</note>');
  const list = `<query xmlns="http://jabber.org/protocol/disco#items" node="${COMMANDS}"/>`;
  expect(await ask(h, undefined, list, 'get')).toContain('name="Raum umbenennen"');
  expect(await ask(h, 'en', list, 'get')).toContain('name="Rename a room"');
  // The latest counts.
  expect(await ask(h, undefined, list, 'get')).toContain('name="Rename a room"');
});

test('others are not answered in somebody else’s language, and errors are in the asker’s', async () => {
  const h = await hall();
  expect(await ask(h, 'de', command(`${ADMIN}#shutdown`), 'set', 'ann@x.lit/1')).toContain(
    'xml:lang="de">Das dürfen nur Administratoren dieses Dienstes.',
  );
  expect(await ask(h, undefined, command(`${ADMIN}#shutdown`), 'set', 'bob@x.lit/1')).toContain(
    'xml:lang="en">Only administrators of this service may do this.',
  );
});
