/** Which nicknames somebody gets (XEP-0045 §7.2.8, §14.6, §17.1). */
import { admin, coven, crone, hag, iq, join, refusal, ROOM, X } from './expected';

describe('§14.6 mimicking another occupant', () => {
  test('a nick that looks like that of somebody present: conflict', () => {
    const c = coven();
    join(c, hag, 'f\u0456rstwitch');
    c.expect(refusal('presence', `${ROOM}/f\u0456rstwitch`, hag, 'n13mt3l', 'cancel', 'conflict', X));
  });

  test('…also when somebody changes to it; one’s own nick may come to look otherwise', () => {
    const c = coven(['thirdwitch']);
    c.send(`<presence from="${hag}" to="${ROOM}/f\u0456rstwitch" id="c"/>`);
    c.expect(refusal('presence', `${ROOM}/f\u0456rstwitch`, hag, 'c', 'cancel', 'conflict'));
    c.send(`<presence from="${hag}" to="${ROOM}/th\u0456rdwitch" id="c"/>`);
    expect(c.take().join('')).not.toContain('type="error"');
  });

  test('after they have left, the nick is free; its holder gets in beside a look-alike', () => {
    const c = coven(['thirdwitch']);
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hecate@shakespeare.lit" nick="th\u0456rdw\u0456tch"/>'));
    expect(c.take().join('')).toContain('was not reserved');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    iq(c, crone, 'set', 'm', admin('<item affiliation="member" jid="hecate@shakespeare.lit" nick="th\u0456rdw\u0456tch"/>'));
    join(c, hag, 'thirdwitch');
    c.forget();
    join(c, 'hecate@shakespeare.lit/broom', 'th\u0456rdw\u0456tch');
    expect(c.take().join('')).not.toContain('type="error"');
  });
});

test('a nick of the form "-" and an occupant-id: not-acceptable', () => {
  const c = coven();
  const nick = '-AAAAAAAAAAAAAAAAAAAAAA';
  join(c, hag, nick);
  c.expect(refusal('presence', `${ROOM}/${nick}`, hag, 'n13mt3l', 'modify', 'not-acceptable', X));
});
