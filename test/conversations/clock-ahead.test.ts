/** The clock was a year ahead when something was noted, and is right again: nothing waits for that year (found C6). */
import { conversation, type Conversation } from '../support/conversation';
import { endOf } from '../../src/room/room-times';
import { admin, coven, crone, hag, hecate, iq, join, owner, ROOM } from './expected';
import { HAG, MEMBERS_ONLY, send } from './registration-stanzas';

const DAY = 86_400_000;
const YEAR = 400 * DAY;
const HOUR = 3_600_000;
const NODE = 'urn:parlour:tell-me-of-mentions';
const OPEN = { 'muc#roomconfig_persistentroom': '1', 'muc#roomconfig_publicroom': '1' };

const said = (c: Conversation, act: () => void): string => {
  c.forget();
  act();
  return c.take().join('');
};
const timer = (c: Conversation): void => {
  c.input(ROOM, { kind: 'timer' });
};
const deadline = (c: Conversation): number | null => {
  const found = /"deadline":(null|\d+)/.exec(c.rows(ROOM))?.[1] ?? 'null';
  return found === 'null' ? null : Number(found);
};
const voice = `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#request</value></field><field var="muc#role"><value>participant</value></field></x>`;
const asksForVoice = (c: Conversation): void => {
  c.send(`<message from="${hag}" id="v" to="${ROOM}">${voice}</message>`);
};
const wish = (c: Conversation): void => {
  const command = (more: string, inner = ''): void =>
    iq(c, hag, 'set', 'w', `<command xmlns="http://jabber.org/protocol/commands" node="${NODE}"${more}>${inner}</command>`);
  const session = /sessionid="([^"]+)"/.exec(said(c, () => command('')))?.[1] as string;
  command(` sessionid="${session}"`, '<x xmlns="jabber:x:data" type="submit"><field var="tell"><value>1</value></field></x>');
};
const activity = (c: Conversation): string =>
  said(c, () => iq(c, hag, 'get', 'info', '<query xmlns="http://jabber.org/protocol/disco#info"/>'));
const speaks = (c: Conversation): void => {
  c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>Double, double</body></message>`);
};
const witches = Array.from({ length: 60 }, (_, i) => `<item affiliation="member" jid="w${i}@heath.example"/>`).join('');

interface Case {
  readonly make?: () => Conversation;
  /** While the clock is ahead. */
  readonly ahead: (c: Conversation) => void;
  /** When it is right. */
  readonly right: (c: Conversation) => void;
}

const CASES: Record<string, Case> = {
  'notices that wait go out': {
    make: () => coven([], { ...OPEN, [MEMBERS_ONLY]: '1' }),
    ahead: (c) => iq(c, crone, 'set', 'm', admin(witches)),
    right: (c) => {
      for (let i = 0; i < 20; i++) {
        timer(c);
        c.advance(1000);
      }
      expect(c.rows(ROOM)).not.toContain('notices-due');
    },
  },
  'a request for voice is taken': {
    make: () => coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_moderatedroom': '1' }),
    ahead: asksForVoice,
    right: (c) => expect(said(c, () => asksForVoice(c))).toContain(`to="${crone}"`),
  },
  'a destroyed room is forgotten': {
    make: () => coven(['thirdwitch'], OPEN),
    ahead: (c) => iq(c, crone, 'set', 'd', owner('<destroy jid="heath@chat.shakespeare.lit"/>')),
    right: (c) => expect(said(c, () => join(c, hag, 'thirdwitch'))).toContain('<status code="201"/>'),
  },
  'a room that nobody configures is given up': {
    make: () => conversation({ limits: { lockedMinutes: 5 } }),
    ahead: (c) => join(c, crone, 'firstwitch'),
    right: (c) => {
      timer(c);
      expect(said(c, () => join(c, hag, 'thirdwitch'))).toContain('<status code="201"/>');
    },
  },
  'a reserved nickname is kept, as from now': {
    ahead: (c) => send(c),
    right: (c) => {
      timer(c);
      c.advance(89 * DAY);
      expect(said(c, () => join(c, hecate, 'thirdwitch'))).toContain('<conflict');
      c.advance(2 * DAY);
      timer(c);
      expect(c.rows(ROOM)).not.toContain(HAG);
    },
  },
  'what is over behind a reservation of that time goes': {
    ahead: (c) => send(c),
    right: (c) => {
      send(c, undefined, hecate);
      c.advance(91 * DAY);
      timer(c);
      expect(c.rows(ROOM)).not.toContain('hecate@');
    },
  },
  'a wish to be told of mentions is kept, as from now': {
    ahead: wish,
    right: (c) => {
      timer(c);
      c.advance(364 * DAY);
      timer(c);
      expect(c.rows(ROOM)).toContain(HAG);
      // Behind that of somebody who is there, who has not wished it in that time: twice its period at most.
      c.advance(2 * DAY + YEAR);
      timer(c);
      expect(c.rows(ROOM)).not.toContain(HAG);
    },
  },
  'messages are counted by the hours that are': {
    ahead: speaks,
    right: (c) => {
      speaks(c);
      speaks(c);
      c.advance(HOUR);
      expect(activity(c)).toContain('label="Messages per hour"><value>2</value>');
    },
  },
  'an invitation is forgotten': {
    ahead: (c) => {
      c.send(
        `<message from="${crone}" id="i" to="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="hecate@shakespeare.lit"/></x></message>`,
      );
      expect(c.rows(ROOM)).toContain('hecate@shakespeare.lit');
    },
    right: (c) => {
      timer(c);
      expect(
        c
          .rows(ROOM)
          .split('\n')
          .filter((row) => row.includes('invitations'))
          .join(''),
      ).not.toContain('hecate@');
    },
  },
};

describe('found C6: a clock that was a year ahead is right again', () => {
  test.each(Object.entries(CASES))('found C6: %s, also after a restart', (_, { make = () => coven([], OPEN), ahead, right }) => {
    for (const restarts of [false, true]) {
      const c = make();
      c.advance(YEAR);
      ahead(c);
      c.advance(-YEAR);
      if (restarts) c.restart();
      // Anything that wakes the room lets it be told when something is due.
      iq(c, hecate, 'get', 'wakes', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
      const due = deadline(c);
      if (due !== null && c.rows(ROOM).includes('"state":"open"')) expect(due).toBeLessThan(Date.parse('2027-01-15'));
      c.forget();
      right(c);
    }
  });

  test.each(['get', 'set'] as const)(
    'found C6: what only asks (an IQ %s) writes nothing, and lets the room wake once to write its deadline',
    (type) => {
      const c = coven(['thirdwitch'], OPEN);
      c.advance(YEAR);
      send(c);
      c.advance(-YEAR);
      const asks = type === 'get' ? '<query xmlns="http://jabber.org/protocol/disco#info"/>' : '<query xmlns="urn:xmpp:mam:2"/>';
      const decisions = c.watch();
      for (let i = 0; i < 3; i++) iq(c, hag, type, `a${i}`, asks);
      expect(decisions.map(({ input, writes }) => `${input} ${writes > 0 ? 'writes' : ''}`)).toEqual(
        type === 'get'
          ? ['stanza ', 'timer writes', 'stanza ', 'stanza ']
          : ['stanza ', 'archive ', 'timer writes', 'stanza ', 'archive ', 'stanza ', 'archive '],
      );
      expect(deadline(c) ?? 0).toBeLessThan(Date.parse('2027-01-15'));
    },
  );

  test('found C6: a time is far ahead when its period could not reach it', () => {
    expect(endOf(1_000, 500, 1_200)).toBe(1_500);
    expect(endOf(1_000, 500, 600)).toBe(1_500);
    expect(endOf(1_000, 500, 500)).toBe(0);
    expect(endOf(1_000, 0, 1_000)).toBe(0);
  });
});
