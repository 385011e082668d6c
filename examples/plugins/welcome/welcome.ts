/** Says a few words to everybody who enters a room for the first time; its owner can switch that off, or choose the words. */
import { definePlugin, z } from 'parlour/plugin';

const GREETS = '{urn:parlour:example:welcome}greets';
const TEXT = '{urn:parlour:example:welcome}text';

export default definePlugin({
  name: 'welcome',
  apiVersion: 1,
  config: z.strictObject({
    /** What is said where the owner has chosen nothing. */
    text: z.string().min(1).max(500).default('Welcome! The subject says what this room is for.'),
  }),
  setup: ({ text }) => ({
    fields: {
      [GREETS]: { type: 'boolean', label: 'Greet who enters for the first time', initial: true },
      [TEXT]: { type: 'text', label: 'What they are told', initial: text, most: 500 },
    },
    rows: {
      says: 'who has been greeted',
      key: ['jid'],
      value: 'plain',
      most: 2000,
      until: 'two thousand others were greeted',
    },
    entered(room, { jid, nick, affiliation }) {
      // Owners know their room; who has been greeted is not greeted again.
      if (room.field(GREETS) !== true || affiliation === 'owner' || room.rows.get(jid) !== undefined) return;
      const [oldest] = room.rows.keys();
      // Strangers choose how many there are: the oldest row gives way.
      if (room.rows.count >= 2000 && oldest !== undefined) room.rows.set(oldest, null);
      room.rows.set(jid, true);
      room.tell(nick, String(room.field(TEXT)));
    },
  }),
});
