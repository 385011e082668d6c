/** Whatever a stanza looks like, the room decides it: never a throw, one answer to an IQ request, well-formed XML out. */
import fc, { runs } from '../support/property';
import { NS } from '../../src/xmpp/ns';
import { escapeAttribute, escapeText } from '../../src/xmpp/xml';
import { parse } from '../support/conversation';
import { ROOM, World } from './world';

const word = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '0',
      '-1',
      '1e9',
      'owner',
      'none',
      'moderator',
      'submit',
      'form',
      'A',
      'B',
      'constructor',
      '__proto__',
      '@',
      '/',
      'a@b/c',
      '\n',
      '☃',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);
const NAMES = [
  'x',
  'query',
  'item',
  'reason',
  'destroy',
  'password',
  'history',
  'field',
  'value',
  'body',
  'subject',
  'thread',
  'priority',
  'show',
  'status',
  'ping',
  'stanza-id',
  'delay',
  'p:x',
  'p:item',
  'p:subject',
];
const ATTRIBUTES = [
  'affiliation',
  'role',
  'nick',
  'jid',
  'type',
  'var',
  'node',
  'by',
  'from',
  'stamp',
  'maxstanzas',
  'maxchars',
  'seconds',
  'since',
  'id',
  'xml:lang',
  'p:type',
];
const namespaces = fc.constantFrom(
  '',
  '',
  NS.muc,
  NS.mucUser,
  NS.mucAdmin,
  NS.mucOwner,
  NS.forms,
  NS.discoInfo,
  NS.discoItems,
  NS.ping,
  NS.stanzaId,
  NS.delay,
  NS.occupantId,
  'urn:example',
);

const attributesXml = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...ATTRIBUTES), word), { maxLength: 4, selector: ([name]) => name })
  .map((all) => all.map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join(''));
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .record({
      name: fc.constantFrom(...NAMES),
      namespace: namespaces,
      attrs: attributesXml,
      children: fc.array(fc.oneof({ maxDepth: 4, depthSize: 'small' }, word.map(escapeText), tie('element')), { maxLength: 4 }),
    })
    .map(({ name, namespace, attrs, children }) => {
      const declared = namespace === '' ? '' : ` xmlns="${namespace}"`;
      return `<${name}${declared} xmlns:p="${namespace || 'jabber:client'}"${attrs}>${children.join('')}</${name}>`;
    }),
}));
const TYPES = ['', 'get', 'set', 'result', 'error', 'groupchat', 'chat', 'unavailable', 'subscribe', 'probe', 'constructor', ' '];
const stanza = fc
  .record({
    name: fc.constantFrom('message', 'presence', 'iq'),
    type: fc.constantFrom(undefined, ...TYPES),
    id: fc.option(word, { nil: undefined }),
    from: fc.constantFrom('anna@users.lit/1', 'bert@users.lit/1', 'stranger@users.lit/1', 'bare@users.lit', 'component.lit'),
    resource: fc.option(word, { nil: undefined }),
    children: fc.array(element, { maxLength: 3 }),
  })
  .map(({ name, type, id, from, resource, children }) => {
    const attr = (key: string, value: string | undefined): string => (value === undefined ? '' : ` ${key}="${escapeAttribute(value)}"`);
    const to = resource === undefined ? ROOM : `${ROOM}/${resource}`;
    return `<${name}${attr('from', from)}${attr('to', to)}${attr('type', type)}${attr('id', id)}>${children.join('')}</${name}>`;
  });

test('no stanza makes a room throw or say what is not XML', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(stanza, { minLength: 1, maxLength: 8 }), (configured, stanzas) => {
      const world = new World();
      world.join('anna@users.lit/1', `<presence from="anna@users.lit/1" to="${ROOM}/A"><x xmlns="${NS.muc}"/></presence>`);
      if (configured) {
        world.send(
          `<iq from="anna@users.lit/1" to="${ROOM}" type="set" id="i"><query xmlns="${NS.mucOwner}"><x xmlns="${NS.forms}" type="submit"/></query></iq>`,
        );
        world.join('bert@users.lit/1', `<presence from="bert@users.lit/1" to="${ROOM}/B"><x xmlns="${NS.muc}"/></presence>`);
      }
      for (const text of stanzas) world.send(text);
      while (world.answer());
      for (const xml of world.log) parse(xml);
      expect(() => world.reloaded()).not.toThrow();
    }),
    runs(400),
  );
});
