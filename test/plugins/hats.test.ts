/** The hats of test/plugins/hats.ts in a room. */
import { testRoom } from '../../src/plugin-test';
import { hats } from './hats';

const CONFIG = {
  hats: [
    { uri: 'urn:x:teacher', title: 'Teacher' },
    { uri: 'urn:x:scribe', title: 'Scribe' },
  ],
};
const COMMAND = 'http://jabber.org/protocol/commands';
const ASSIGN = 'urn:example:hats:commands:assign';
const WORN = '<hats xmlns="urn:example:hats"><hat title="Teacher" uri="urn:x:teacher"/></hats>';

const sessionIn = (stanzas: readonly string[]): string => /sessionid="([^"]+)"/.exec(stanzas.join(''))?.[1] ?? 'none';

test('as XEP-0317 has it: an admin assigns a hat, everybody is shown it, also who comes later, and it is taken away again', async () => {
  const room = await testRoom(hats, { config: CONFIG });
  const ben = room.enter('ben@example.com');
  ben.heard();
  room.owner.heard();
  const run = (node: string, values: string): readonly string[] => {
    room.owner.send(`<iq type="set" id="1" to="${room.jid}"><command xmlns="${COMMAND}" node="${node}"/></iq>`);
    const session = sessionIn(room.owner.heard());
    const form = `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>urn:example:hats:commands</value></field>${values}</x>`;
    room.owner.send(
      `<iq type="set" id="2" to="${room.jid}"><command xmlns="${COMMAND}" node="${node}" sessionid="${session}">${form}</command></iq>`,
    );
    return room.owner.heard();
  };
  const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
  const values = field('hats#jid', 'BEN@example.com') + field('hats#uri', 'urn:x:teacher');
  expect(run(ASSIGN, values).join('')).toContain('status="completed"');
  expect(ben.heard().filter((stanza) => stanza.includes(WORN))).toHaveLength(1);
  const cat = room.enter('cat@example.com');
  expect(cat.heard().filter((stanza) => stanza.startsWith(`<presence from="${room.jid}/ben"`))[0]).toContain(WORN);
  ben.heard();
  expect(run('urn:example:hats:commands:unassign', values).join('')).toContain('status="completed"');
  expect(ben.heard().join('')).not.toContain('<hats');
  await room.end();
});

test('as XEP-0317 has it: the room names hats in discovery, a stranger to the list is refused, and members are shown no command', async () => {
  const room = await testRoom(hats, { config: CONFIG });
  const ben = room.enter('ben@example.com');
  ben.heard();
  ben.send(`<iq type="get" id="1" to="${room.jid}"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>`);
  expect(ben.heard().join('')).toContain('<feature var="urn:example:hats"/>');
  ben.send(`<iq type="set" id="2" to="${room.jid}"><command xmlns="${COMMAND}" node="${ASSIGN}"/></iq>`);
  expect(ben.heard().join('')).toContain('<forbidden');
  await room.end();
});
