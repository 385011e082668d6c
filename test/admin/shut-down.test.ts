/** Shutting the service down from a client: XEP-0133 §4.31, XEP-0045 §11.2. */
import { enter, instant, realRooms } from '../service/real-rooms';
import { ANN, BOB, CAT, ROOM } from '../service/rig';
import { ADMIN, answer, field, formType, hall, is, session, submit, values, type Hall } from './hall';

describe('shutting down', () => {
  const node = `${ADMIN}#shutdown`;

  async function crowded(): Promise<Hall> {
    const h = await hall({ makeRoom: realRooms(true) });
    await h.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
    return h;
  }
  const removed = (h: Hall): number =>
    h.link.xml.filter((xml) => xml.includes('<status code="110"/>') && xml.includes('<status code="332"/>')).length;

  test('Examples 103 to 106: the form, the answer, and after the delay everybody is removed and the program ends', async () => {
    const h = await crowded();
    const options = [['none', '0'], ...['30', '60', '120', '180', '300'].map((seconds) => [`${seconds} seconds`, seconds])].map(
      ([label = '', value = '']) => `<option label="${label}">${values(value)}</option>`,
    );
    is(
      await h.run(node, ' action="execute"'),
      answer(
        node,
        'executing',
        '<actions execute="complete"><complete/></actions><x xmlns="jabber:x:data" type="form"><title>{text}</title><instructions>{text}</instructions>' +
          `${formType()}<field type="list-single" label="{text}" var="delay">${values('30')}${options.join('')}</field>` +
          '<field type="text-multi" label="{text}" var="announcement"/></x>',
      ),
    );
    h.link.take();
    const form = submit(field('delay', '120') + field('announcement', 'The service will be shut down', 'in 2 minutes!'));
    is(await h.run(node, session, form), answer(node, 'completed', '<note type="info">The service shuts down in 120 seconds.</note>'));
    expect(h.link.xml.filter((xml) => xml.includes('headline'))).toHaveLength(2);
    await h.clock.pass(119_000);
    expect([removed(h), h.events.includes('ended')]).toEqual([0, false]);
    // Until then everything goes on.
    expect((await h.play(enter(CAT, ROOM, 'cat'))).join()).not.toContain(`${CAT} !`);
    await h.clock.pass(1_000);
    expect([removed(h), h.events.at(-1)]).toEqual([3, 'ended']);
    expect(h.link.xml.join()).toContain('<reason>The service will be shut down\nin 2 minutes!</reason>');
    expect(h.events).toContain('an administrator shuts the service down');
  });

  test('at once and without a word; the answer comes first', async () => {
    const h = await crowded();
    await h.run(node);
    h.link.take();
    expect(await h.run(node, session, submit(field('delay', '0')))).toContain('<note type="info">The service shuts down now.</note>');
    expect(removed(h)).toBe(0);
    await h.clock.pass(0);
    expect([removed(h), h.events.at(-1)]).toEqual([2, 'ended']);
    expect(h.link.xml.join()).not.toContain('<reason>');
  });

  test('a second one is refused', async () => {
    const h = await crowded();
    await h.run(node);
    await h.run(node, session, submit(''));
    await h.run(node);
    expect(await h.run(node, session, submit(''))).toContain('<note type="error">The service is being shut down already.</note>');
    await h.clock.pass(31_000);
    expect(h.events.filter((event) => event === 'ended')).toHaveLength(1);
  });

  test('if the announcement cannot be sent nothing is shut down, and it can be tried again', async () => {
    const h = await crowded();
    const read = h.store.sessionsAfter.bind(h.store);
    h.store.sessionsAfter = () => Promise.reject(new Error('unreadable'));
    await h.run(node);
    const form = submit(field('delay', '0') + field('announcement', 'Bye'));
    expect(await h.run(node, session, form)).toContain('<internal-server-error');
    await h.clock.pass(1_000);
    expect(h.events).not.toContain('ended');
    h.store.sessionsAfter = read;
    await h.run(node);
    expect(await h.run(node, session, form)).toContain('shuts down now');
    await h.clock.pass(0);
    expect(h.events.at(-1)).toBe('ended');
  });

  test('canceled: nothing happens', async () => {
    const h = await crowded();
    await h.run(node);
    expect(await h.run(node, `${session} action="cancel"`)).toContain('canceled');
    await h.clock.pass(400_000);
    expect(h.events).toEqual([]);
  });
});
