/** The engine of ad-hoc commands: XEP-0050 §2.4, §3.3-3.5, §4. */
import { createAdHoc, type AdHocCommand } from '../../src/admin/ad-hoc';
import type { Answers } from '../../src/xmpp/answers';
import type { AdHoc } from '../../src/service/answers/ad-hoc';
import type { FormOut } from '../../src/xmpp/forms';
import { parse } from '../support/conversation';
import { FakeClock } from '../service/fake-clock';
import { asFull } from '../support/jids';

const NS = 'http://jabber.org/protocol/commands';
const ADMIN = asFull('bard@shakespeare.lit/globe');
const form: FormOut = {
  type: 'form',
  formType: 'urn:brew',
  title: 'Brewing',
  fields: [
    { var: 'what', type: 'text-single', label: 'Ingredient', required: true, values: [] },
    { var: 'how', type: 'list-single', label: 'Heat', values: ['low'], options: [{ value: 'low' }, { value: 'high' }] },
    { var: 'notes', type: 'text-multi', label: 'Notes', values: [] },
  ],
};

class Kitchen {
  readonly clock = new FakeClock();
  readonly brewed: Record<string, readonly string[]>[] = [];
  fail = false;
  readonly engine: AdHoc;
  private drawn = 0;

  constructor() {
    const taste: AdHocCommand = {
      node: 'taste',
      name: 'Taste',
      run: () => Promise.resolve({ note: { type: 'warn', text: 'Hot & bubbling' }, form: { ...form, type: 'result', fields: [] } }),
    };
    const brew: AdHocCommand = {
      node: 'brew',
      name: 'Brew',
      form,
      run: (answers: Answers, asker) => {
        if (this.fail) return Promise.reject(new Error('the fire went out'));
        this.brewed.push({ ...Object.fromEntries(answers), asker: [asker] });
        return Promise.resolve({});
      },
    };
    this.engine = createAdHoc({
      commands: [taste, brew],
      mayRun: (jid) => jid === 'bard@shakespeare.lit',
      clock: this.clock,
      random: { bytes: (count) => Buffer.from(String(++this.drawn).padStart(count, '.')) },
    });
  }

  /** The answer's XML, or `condition/specific condition` of the refusal. */
  async ask(attrs: string, payload = '', from = ADMIN): Promise<string> {
    const answer = await this.engine.execute(parse(`<command xmlns="${NS}" ${attrs}>${payload}</command>`), asFull(from), 'en');
    if (typeof answer === 'string') return answer;
    expect(String(answer.text)).not.toBe('');
    return [
      answer.condition,
      ...(/^<(\S+) xmlns="http:\/\/jabber.org\/protocol\/commands"\/>$/.exec(answer.extra ?? '')?.slice(1) ?? []),
    ].join('/');
  }

  async begin(from = ADMIN): Promise<string> {
    return /sessionid="([^"]*)"/.exec(await this.ask('node="brew" action="execute"', '', from))?.[1] as string;
  }
}

const submit = (fields: string, type = 'submit', formType = 'urn:brew'): string =>
  `<x xmlns="jabber:x:data" type="${type}"><field var="FORM_TYPE" type="hidden"><value>${formType}</value></field>${fields}</x>`;
const what = '<field var="what"><value>eye of newt</value></field>';

test('Examples 8 and 9: a command without a form is run at once', async () => {
  const k = new Kitchen();
  const id = Buffer.from('...........1').toString('hex');
  expect(await k.ask('node="taste" action="execute"')).toBe(
    `<command xmlns="${NS}" xml:lang="en" node="taste" sessionid="${id}" status="completed"><note type="warn">Hot &amp; bubbling</note>` +
      '<x xmlns="jabber:x:data" type="result"><title>Brewing</title><field var="FORM_TYPE" type="hidden"><value>urn:brew</value></field></x></command>',
  );
  // The action goes without saying, and each session has an id of its own.
  expect(await k.ask('node="taste"')).toContain(Buffer.from('...........2').toString('hex'));
});

test('Examples 10 and 15: one with a form gives it out with its actions, and runs when it is submitted', async () => {
  const k = new Kitchen();
  const given = await k.ask('node="brew"');
  expect(given).toMatch(/status="executing"><actions execute="complete"><complete\/><\/actions><x xmlns="jabber:x:data" type="form">/);
  expect(k.brewed).toEqual([]);
  const id = /sessionid="([^"]*)"/.exec(given)?.[1] as string;
  const notes = '<field var="notes"><value>a</value><value>b</value></field>';
  const done = await k.ask(`node="brew" sessionid="${id}"`, submit(what + notes));
  expect(done).toBe(`<command xmlns="${NS}" xml:lang="en" node="brew" sessionid="${id}" status="completed"/>`);
  expect(k.brewed).toEqual([{ what: ['eye of newt'], how: ['low'], notes: ['a', 'b'], asker: ['bard@shakespeare.lit'] }]);
});

test.each(['execute', 'complete'])('%s completes a session', async (action) => {
  const k = new Kitchen();
  expect(await k.ask(`node="brew" sessionid="${await k.begin()}" action="${action}"`, submit(what))).toContain('status="completed"');
});

test('Examples 18 and 19: cancel ends the session; after that it is expired', async () => {
  const k = new Kitchen();
  const id = await k.begin();
  expect(await k.ask(`node="brew" sessionid="${id}" action="cancel"`)).toBe(
    `<command xmlns="${NS}" xml:lang="en" node="brew" sessionid="${id}" status="canceled"/>`,
  );
  expect(await k.ask(`node="brew" sessionid="${id}" action="cancel"`)).toBe('not-allowed/session-expired');
  expect(k.brewed).toEqual([]);
});

test('a session runs once', async () => {
  const k = new Kitchen();
  const id = await k.begin();
  const both = [1, 2].map(() => k.ask(`node="brew" sessionid="${id}"`, submit(what)));
  expect((await Promise.all(both)).map((answer) => answer.slice(0, 27))).toEqual([expect.any(String), 'not-allowed/session-expired']);
  expect(k.brewed).toHaveLength(1);
});

test.each([
  ['an action that is none', 'action="boil"', 'bad-request/malformed-action'],
  ['a step back from the only one', 'action="prev"', 'bad-request/bad-action'],
  ['a step beyond the only one', 'action="next"', 'bad-request/bad-action'],
])('%s is refused, and the session goes on', async (_what, action, refusal) => {
  const k = new Kitchen();
  const id = await k.begin();
  expect(await k.ask(`node="brew" sessionid="${id}" ${action}`, submit(what))).toBe(refusal);
  expect(k.brewed).toEqual([]);
  expect(await k.ask(`node="brew" sessionid="${id}"`, submit(what))).toContain('completed');
});

test.each([
  ['no form', ''],
  ['no form of ours', '<x xmlns="jabber:x:data"/>'],
  ['a canceled form', submit(what, 'cancel')],
  ['a form of another kind', submit(what, 'submit', 'urn:other')],
  ['a required field left out', submit('')],
  ['a required field left blank', submit('<field var="what"><value> </value></field>')],
  ['two values where one is asked for', submit('<field var="what"><value>a</value><value>b</value></field>')],
  ['a choice that was not offered', submit(`${what}<field var="how"><value>boiling</value></field>`)],
  ['a field twice', submit(what + what)],
])('%s is a bad payload, and can be sent again rightly', async (_what, payload) => {
  const k = new Kitchen();
  const id = await k.begin();
  expect(await k.ask(`node="brew" sessionid="${id}"`, payload)).toBe('bad-request/bad-payload');
  expect(k.brewed).toEqual([]);
  expect(await k.ask(`node="brew" sessionid="${id}"`, submit(what))).toContain('completed');
});

test('a form need not say which it is, and what it does not ask for is ignored', async () => {
  const k = new Kitchen();
  const payload = `<x xmlns="jabber:x:data" type="submit">${what}<field var="salt"><value>1</value></field></x>`;
  expect(await k.ask(`node="brew" sessionid="${await k.begin()}"`, payload)).toContain('completed');
  expect(Object.keys(k.brewed[0] ?? {})).not.toContain('salt');
});

describe('sessions', () => {
  test('one that never was, one of another command, and none where one is needed: bad-sessionid', async () => {
    const k = new Kitchen();
    const id = await k.begin();
    expect(await k.ask('node="brew" sessionid="x"', submit(what))).toBe('bad-request/bad-sessionid');
    expect(await k.ask(`node="taste" sessionid="${id}"`)).toBe('bad-request/bad-sessionid');
    expect(await k.ask('node="brew" action="complete"', submit(what))).toBe('bad-request/bad-sessionid');
    expect(await k.ask('node="brew" action="cancel"')).toBe('bad-request/bad-sessionid');
  });

  test('belong to the full JID that began them', async () => {
    const k = new Kitchen();
    const id = await k.begin();
    expect(await k.ask(`node="brew" sessionid="${id}"`, submit(what), asFull('bard@shakespeare.lit/home'))).toBe(
      'bad-request/bad-sessionid',
    );
    expect(await k.ask(`node="brew" sessionid="${id}"`, submit(what))).toContain('completed');
  });

  test('expire', async () => {
    const k = new Kitchen();
    const early = await k.begin();
    await k.clock.pass(14 * 60_000);
    const late = await k.begin();
    await k.clock.pass(60_000);
    expect(await k.ask(`node="brew" sessionid="${early}"`, submit(what))).toBe('not-allowed/session-expired');
    expect(await k.ask(`node="brew" sessionid="${late}"`, submit(what))).toContain('completed');
  });

  test('are bounded: the oldest ends for a new one, and the memory of ended ones has an end too', async () => {
    const k = new Kitchen();
    const ids: string[] = [];
    for (let i = 0; i < 1_300; i++) ids.push(await k.begin());
    const answer = (i: number): Promise<string> => k.ask(`node="brew" sessionid="${ids[i] as string}" action="prev"`);
    expect(await answer(1_299)).toBe('bad-request/bad-action');
    expect(await answer(1_100)).toBe('bad-request/bad-action');
    expect(await answer(1_099)).toBe('not-allowed/session-expired');
    expect(await answer(100)).toBe('not-allowed/session-expired');
    expect(await answer(99)).toBe('bad-request/bad-sessionid');
  });
});

test('whoever may not run commands: forbidden, an empty list; a node that is none: item-not-found', async () => {
  const k = new Kitchen();
  const other = asFull('hag66@shakespeare.lit/pda');
  expect(await k.ask('node="brew"', '', other)).toBe('forbidden');
  expect(await k.ask('node="boil"')).toBe('item-not-found');
  expect(await k.ask('action="execute"')).toBe('item-not-found');
  expect([k.engine.list(other), k.engine.list(ADMIN).map(({ name }) => name)]).toEqual([[], ['Taste', 'Brew']]);
  expect(k.engine.find('brew', other)).toMatchObject({ condition: 'forbidden' });
  expect(k.engine.find('boil', other)).toBeUndefined();
});

test('a command that fails rejects, and its session is over', async () => {
  const k = new Kitchen();
  const id = await k.begin();
  k.fail = true;
  await expect(k.ask(`node="brew" sessionid="${id}"`, submit(what))).rejects.toThrow('the fire went out');
  expect(await k.ask(`node="brew" sessionid="${id}"`, submit(what))).toBe('not-allowed/session-expired');
});
