/** The owner's trim of a room's archive: the ProtoXEP "Message Archive Management: Trim Command" (urn:xmpp:mamtrim:0). */
import type { CommandOutcome } from '../../src/room/contract/commands';
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, iq, join, refusal, result, ROOM, wicca } from './expected';

const TRIM = 'urn:xmpp:mamtrim:0';
const trim = (inner = ''): string => `<trim xmlns="${TRIM}">${inner}</trim>`;
const id = (value: string): string => `<id>${value}</id>`;
const error = (to: string, type: string, condition: string): string => refusal('iq', ROOM, to, 't', type, condition);

/** Says these, and answers their stanza-ids. */
function say(c: Conversation, ...bodies: string[]): string[] {
  return bodies.map((body) => {
    c.forget();
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>${body}</body></message>`);
    return /<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)"/.exec(c.take()[0] ?? '')?.[1] ?? '';
  });
}

/** What somebody who enters is shown. */
function shown(c: Conversation): string[] {
  c.forget();
  join(c, hag, 'thirdwitch', '<history maxstanzas="50"/>');
  const bodies = c.take().flatMap((xml) => (xml.includes(`to="${hag}"`) ? [...xml.matchAll(/<body>(.*?)<\/body>/g)] : []));
  c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
  c.forget();
  return bodies.map((match) => match[1] as string);
}

describe('mamtrim: trimming the archive', () => {
  test.each([
    ['was trimmed away before it had arrived', '', (c: Conversation) => iq(c, crone, 'set', 't', trim())],
    ['is not kept', '<no-store xmlns="urn:xmpp:hints"/>', () => undefined],
  ])('§8.1 a subject that %s is told to who is there all the same when the process died', (_, hint, then) => {
    const c = coven(['thirdwitch']);
    c.restart();
    c.forget();
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><subject>Brew</subject>${hint}</message>`);
    then(c);
    c.forget();
    c.restart(false);
    const said = c.take().filter((xml) => xml.includes('<subject>Brew</subject>'));
    expect(said.map((xml) => / to="([^"]*)"/.exec(xml)?.[1]).sort()).toEqual([crone, hag].sort());
  });

  test('the feature is advertised', () => {
    const c = coven();
    iq(c, hag, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    expect(c.take()[0]).toContain(`<feature var="${TRIM}"/>`);
  });

  test('up to a message, that one included, and an empty result', () => {
    const c = coven();
    const [, two = ''] = say(c, 'one', 'two', 'three');
    c.forget();
    iq(c, crone, 'set', 't', trim(id(two)));
    c.expect(result(crone, 't'));
    expect(shown(c)).toEqual(['three']);
    c.restart();
    expect(shown(c)).toEqual(['three']);
  });

  test('everything, and what is said later is kept', () => {
    const c = coven();
    say(c, 'one', 'two');
    iq(c, crone, 'set', 't', trim());
    c.expect(result(crone, 't'));
    expect(shown(c)).toEqual([]);
    say(c, 'three');
    expect(shown(c)).toEqual(['three']);
    iq(c, crone, 'set', 't', trim());
    iq(c, crone, 'set', 't', trim());
    c.expect(result(crone, 't'), result(crone, 't'));
  });

  test('an id that is not there, or not any more: item-not-found, and nothing is trimmed', () => {
    const c = coven();
    const [one = ''] = say(c, 'one', 'two');
    iq(c, crone, 'set', 't', trim(id('nothing')));
    c.expect(error(crone, 'cancel', 'item-not-found'));
    iq(c, crone, 'set', 't', trim(id(one)));
    c.expect(result(crone, 't'));
    iq(c, crone, 'set', 't', trim(id(one)));
    c.expect(error(crone, 'cancel', 'item-not-found'));
    expect(shown(c)).toEqual(['two']);
  });

  test('owners only, whether they are there or not', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const [one = ''] = say(c, 'one');
    for (const who of [wicca, hag, 'stranger@shakespeare.lit/x']) {
      iq(c, who, 'set', 't', trim(id(one)));
      c.expect(error(who, 'auth', 'forbidden'));
      iq(c, who, 'set', 't', trim());
      c.expect(error(who, 'auth', 'forbidden'));
    }
    iq(c, crone, 'set', 'o', admin('<item jid="hecate@shakespeare.lit" affiliation="owner"/>'));
    c.forget();
    iq(c, 'hecate@shakespeare.lit/elsewhere', 'set', 't', trim(id(one)));
    c.expect(result('hecate@shakespeare.lit/elsewhere', 't'));
  });

  test('what cannot be understood is bad-request', () => {
    const c = coven();
    const [one = '', two = ''] = say(c, 'one', 'two');
    for (const payload of [trim(id(one) + id(two)), trim('<id/>'), trim('<before/>'), trim(`<id xmlns="urn:other">${one}</id>`)]) {
      iq(c, crone, 'set', 't', payload);
      c.expect(error(crone, 'modify', 'bad-request'));
    }
    iq(c, crone, 'get', 't', trim());
    c.expect(error(crone, 'modify', 'bad-request'));
    expect(shown(c)).toEqual(['one', 'two']);
  });

  test('an operator who must keep what is said: not advertised, and refused', () => {
    const c = coven(
      [],
      {},
      { retention: { days: { default: null, max: null }, messages: { default: null, max: null }, ownersTrim: false } },
    );
    say(c, 'one');
    iq(c, crone, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
    expect(c.take()[0]).not.toContain(TRIM);
    iq(c, crone, 'set', 't', trim());
    c.expect(error(crone, 'cancel', 'service-unavailable'));
    expect(shown(c)).toEqual(['one']);
  });
});

test('the same as a command, which answers when it is certain', () => {
  const c = coven();
  const [one = ''] = say(c, 'one', 'two', 'three');
  const outcomes: CommandOutcome[] = [];
  const run = (upToId?: string): void =>
    c.input(ROOM, {
      kind: 'command',
      command: { name: 'trim', ...(upToId === undefined ? {} : { upToId }) },
      done: (outcome) => outcomes.push(outcome),
    });
  run(one);
  expect(shown(c)).toEqual(['two', 'three']);
  run(one);
  run();
  expect(shown(c)).toEqual([]);
  expect(outcomes).toMatchObject([{ ok: true }, { ok: false, error: { condition: 'item-not-found' } }, { ok: true }]);
});
