/** One person of the scripts that show that rooms work: a real client that logs in and enters a room. */
import { createRequire } from 'node:module';

const xmpp = createRequire(import.meta.url)('@xmpp/client');
export const { xml } = xmpp;

/** Logs in, enters the room under the user's name, and resolves with the connection when the room has confirmed the entry. */
export async function walkIn({ service, domain, user, password, room }) {
  const connection = xmpp.client({ service, domain, username: user, password });
  connection.on('error', (error) => process.stderr.write(`${user}: ${error.message}\n`));
  const inside = new Promise((resolve) =>
    connection.on('stanza', (stanza) => {
      const self = stanza.getChild('x', 'http://jabber.org/protocol/muc#user')?.getChildByAttr('code', '110');
      if (stanza.is('presence') && self) resolve();
    }),
  );
  await connection.start();
  await connection.send(xml('presence', { to: `${room}/${user}` }, xml('x', 'http://jabber.org/protocol/muc')));
  await inside;
  return connection;
}
