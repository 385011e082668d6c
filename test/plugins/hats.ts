/** Hats as a plug-in, in a namespace of its own beside the built-in ones (XEP-0317): what shows that the interface for plug-ins can express an extension that touches presence, commands and discovery. */
import { definePlugin, refuse, xml, z, type RoomActs, type AdHocCommand, type RoomView } from 'parlour/plugin';

const HATS = 'urn:example:hats';
const COMMANDS = 'urn:example:hats:commands';

const hat = z.strictObject({ uri: z.string().max(1000), title: z.string().max(100) });

export const hats = definePlugin({
  name: 'hats',
  apiVersion: 1,
  config: z.strictObject({ hats: z.array(hat).max(100) }),
  setup({ hats: known }) {
    const titles = new Map(known.map(({ uri, title }) => [uri, title]));
    /** The URIs of somebody's hats. */
    const wornBy = (room: RoomView, jid: string): readonly string[] => (room.rows.get(jid) as readonly string[] | undefined) ?? [];
    const wear = (room: RoomActs, jid: string, uris: readonly string[]): void => {
      room.rows.set(jid, uris.length === 0 ? null : uris);
      const present = room.occupantOf(jid);
      if (present) room.show(present.nick);
    };
    const command = (node: string, title: string, change: (worn: readonly string[], uri: string) => readonly string[]): AdHocCommand => ({
      node: `${COMMANDS}:${node}`,
      formType: COMMANDS,
      title,
      for: 'admins',
      fields: () => [
        { name: 'hats#jid', type: 'jid-single', label: 'User Address', required: true },
        {
          name: 'hats#uri',
          type: 'list-single',
          label: 'The role',
          required: true,
          options: known.map(({ uri, title: label }) => ({ value: uri, label })),
        },
      ],
      run(room, values) {
        const [jid = '', uri = ''] = [values.get('hats#jid')?.[0], values.get('hats#uri')?.[0]];
        const person = room.occupantOf(jid);
        if (!person) return refuse('item-not-found', 'Nobody of that address is in the room.');
        wear(room, person.jid, change(wornBy(room, person.jid), uri));
        return 'Done.';
      },
    });
    return {
      disco: [HATS],
      rows: { says: 'which hats somebody wears', key: ['jid'], value: 'plain', most: 1000, until: 'the hats are taken off' },
      commands: [
        command('assign', 'Assign a hat', (worn, uri) => (worn.includes(uri) ? worn : [...worn, uri])),
        command('unassign', 'Take a hat away', (worn, uri) => worn.filter((one) => one !== uri)),
      ],
      addToPresence: [
        {
          audience: 'all',
          add({ jid }, room) {
            const worn = wornBy(room, jid).filter((uri) => titles.has(uri));
            if (worn.length === 0) return undefined;
            return xml('hats', { xmlns: HATS }, ...worn.map((uri) => xml('hat', { title: titles.get(uri), uri })));
          },
        },
      ],
    };
  },
});
