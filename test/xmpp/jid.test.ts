import fc from '../support/property';
import { bareOf, domainOf, isInDomain, localOf, resourceOf } from '../../src/xmpp/jid';

test.each([
  ['muc.example', '', 'muc.example', 'muc.example', ''],
  ['room@muc.example', 'room', 'muc.example', 'room@muc.example', ''],
  ['room@muc.example/nick', 'room', 'muc.example', 'room@muc.example', 'nick'],
  ['muc.example/res', '', 'muc.example', 'muc.example', 'res'],
  // RFC 7622 §3.5: the resource is everything after the first slash, the local part ends at the first @ before it.
  ['room@muc.example/a/b@c', 'room', 'muc.example', 'room@muc.example', 'a/b@c'],
  ['muc.example/nick@home', '', 'muc.example', 'muc.example', 'nick@home'],
])('%s is taken apart', (jid, local, domain, bare, resource) => {
  expect([localOf(jid), domainOf(jid), bareOf(jid), resourceOf(jid)]).toEqual([local, domain, bare, resource]);
  for (const other of [domain, `x${domain}`, domain.slice(1), domain.replace('m', 'n'), 'home', ''])
    expect(isInDomain(jid, other)).toBe(other === domain);
});

test('the parts put together are the JID again', () => {
  const part = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/[@/]/.test(text));
  fc.assert(
    fc.property(fc.option(part), part, fc.option(fc.string({ minLength: 1 })), (local, domain, resource) => {
      const jid = `${local === null ? '' : `${local}@`}${domain}${resource === null ? '' : `/${resource}`}`;
      expect([localOf(jid), domainOf(jid), resourceOf(jid)]).toEqual([local ?? '', domain, resource ?? '']);
    }),
  );
});
