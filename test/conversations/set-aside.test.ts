/** Section A, after the first start with folded addresses: what rooms say of it, and who is known by the id they had before. */
import { FORMER_IDS } from '../../src/room/contract/row-names';
import { coven, crone, ROOM, wicca } from './expected';

test('found A2: the owners of a room that was set aside are told where it is', () => {
  const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
  const saying = { kind: 'set-aside', former: 'Coven@chat.shakespeare.lit', present: ROOM, owners: ['crone1@shakespeare.lit'] };
  c.change(ROOM, { table: 'saying', row: { rev: 1_000_000, what: JSON.stringify(saying) } });
  c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m"><body>x</body></message>`);
  c.forget();
  c.restart(false);
  const said = c.take();
  // The remedy, where the owner wants another address.
  expect(said.join('')).toMatch(/ask the administrators of this service to rename it\.<\/body>/);
  c.restart(false);
  c.expectTo(
    'crone1@shakespeare.lit',
    `<message from="${ROOM}" to="crone1@shakespeare.lit"><body>{text}</body><x xmlns="jabber:x:conference" jid="${ROOM}"/></message>`,
  );
});

test('XEP-0421 §3: a mention by the occupant-id that somebody had before reaches them', () => {
  const c = coven(['secondwitch'], { 'muc#roomconfig_persistentroom': '1', 'muc#roomconfig_forwardmentions': '1' });
  const idOfWicca = (): string => {
    c.send(`<message from="${wicca}" to="${ROOM}" type="groupchat" id="w"><body>x</body></message>`);
    return /occupant-id:0" id="([^"]*)"/.exec(c.take().join(''))?.[1] ?? '';
  };
  const present = idOfWicca();
  c.send(`<presence from="${wicca}" to="${ROOM}/secondwitch" type="unavailable"/>`);
  c.change(ROOM, { table: 'feature', feature: FORMER_IDS, key: 'FORMERFORMERFORMERFORM', value: JSON.stringify(present) });
  c.restart();
  c.forget();
  const mention = '<mention xmlns="urn:xmpp:mentions:0" occupantid="FORMERFORMERFORMERFORM" begin="0" end="5"/>';
  c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m"><body>Wicca: come</body>${mention}</message>`);
  expect(c.take().join('')).toContain('to="wiccarocks@shakespeare.lit"');
});
