/**
 * Rule 6: what one request to the service itself costs, with 1,000 and with 2,000 rooms, is at most a stated limit. What is sent is found where it is
 * registered (SERVICE_REQUESTS, SERVICE_NODES, the commands): one without a stanza fails.
 */
import { SERVICE_NODES } from '../../src/service/answers/nodes';
import { SERVICE_REQUESTS } from '../../src/service/answers/service-iq';
import { NS } from '../../src/xmpp/ns';
import { ADMIN, DOMAIN, KNOWN, ServiceCrowd, STRANGER, type Cost } from './service-crowd';

jest.setTimeout(10 * 60_000);

const iq = (type: string, inner: string): string => `<iq from="{from}" to="${DOMAIN}" type="${type}" id="i">${inner}</iq>`;
const RSM = (inner: string): string => `<set xmlns="${NS.rsm}">${inner}</set>`;
const items = (inner = '', node = ''): string => iq('get', `<query xmlns="${NS.discoItems}"${node}>${inner}</query>`);
const field = (name: string, ...values: string[]): string =>
  `<field var="${name}">${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
const command = (node: string, more = '', inner = ''): string =>
  iq('set', `<command xmlns="${NS.commands}" node="${node}"${more}>${inner}</command>`);
const channels = (fields: string, page = ''): string =>
  iq(
    'get',
    `<search xmlns="${NS.channelSearch}">${page === '' ? '' : RSM(page)}<x xmlns="${NS.forms}" type="submit">${fields}</x></search>`,
  );
const room = (i: number): string => `r${String(i).padStart(5, '0')}@${DOMAIN}`;

/** At least one stanza for each request, by its key. */
const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  [`get ping ${NS.ping}`]: [iq('get', `<ping xmlns="${NS.ping}"/>`)],
  [`get query ${NS.version}`]: [iq('get', `<query xmlns="${NS.version}"/>`)],
  [`get time ${NS.time}`]: [iq('get', `<time xmlns="${NS.time}"/>`)],
  // With the contact addresses and the data policy.
  [`get query ${NS.discoInfo}`]: [
    iq('get', `<query xmlns="${NS.discoInfo}"/>`),
    iq('get', `<query xmlns="${NS.discoInfo}" node="nothing"/>`),
  ],
  [`get query ${NS.discoItems}`]: [
    items(),
    items('', ' node="nothing"'),
    ...['<max>0</max>', '<max>10</max>', '<max>100000</max>', '<before/>', '<max>5</max><before/>', '<index>400</index>'].map((page) =>
      items(RSM(page)),
    ),
    ...[0, 400, 5_000].flatMap((i) => [
      items(RSM(`<after>${room(i)}</after>`)),
      items(RSM(`<max>10</max><after>${room(i)}</after>`)),
      items(RSM(`<max>10</max><before>${room(i)}</before>`)),
    ]),
  ],
  [`get unique ${NS.mucUnique}`]: [iq('get', `<unique xmlns="${NS.mucUnique}"/>`)],
  [`get vCard ${NS.vcard}`]: [iq('get', `<vCard xmlns="${NS.vcard}"/>`)],
  [`set vCard ${NS.vcard}`]: [iq('set', `<vCard xmlns="${NS.vcard}"><FN>Mine</FN></vCard>`)],
  [`get query ${NS.last}`]: [iq('get', `<query xmlns="${NS.last}"/>`)],
  [`get search ${NS.channelSearch}`]: [
    iq('get', `<search xmlns="${NS.channelSearch}"/>`),
    ...['', '<max>10</max>', `<max>10</max><after>${room(400)}</after>`, '<max>10</max><before/>'].flatMap((page) => [
      channels(field('all', '1') + field('key', '{urn:xmpp:channel-search:0:order}address'), page),
      channels(field('q', 'tea cakes') + field('key', '{urn:xmpp:channel-search:0:order}address'), page),
    ]),
    channels(field('all', '1')),
    channels(field('q', 'nothing of this kind')),
    channels(field('q', 'tea'), '<max>10</max><after>2 r00400@rooms.x.lit</after>'),
  ],
  [`get query ${NS.search}`]: [iq('get', `<query xmlns="${NS.search}"/>`)],
  [`set query ${NS.search}`]: [
    iq('set', `<query xmlns="${NS.search}"><nick>tea</nick></query>`),
    iq('set', `<query xmlns="${NS.search}"><nick>coffee</nick></query>`),
  ],
  [`get query ${NS.register}`]: [iq('get', `<query xmlns="${NS.register}"/>`)],
  [`set query ${NS.register}`]: [
    iq('set', `<query xmlns="${NS.register}"><remove/></query>`),
    iq('set', `<query xmlns="${NS.register}"><username>somebody</username></query>`),
  ],
  [`set command ${NS.commands}`]: [command('nothing'), command('nothing', ' sessionid="nothing" action="complete"')],
};

/** What is filled in, by the command's node. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  [`${NS.admin}#get-online-users-num`]: [''],
  [`${NS.admin}#get-online-users-list`]: [field('max_items', '25'), field('max_items', 'none')],
  'urn:parlour:admin#counts': [''],
  'urn:parlour:admin#audit': [
    field('days', '30'),
    field('room', room(3)) + field('days', '30'),
    field('actor', 'ann@x.lit') + field('days', '36500'),
    field('object', 'm@x.lit') + field('days', '36500'),
    field('object', 'nobody@x.lit') + field('days', '36500'),
  ],
  [`${NS.admin}#announce`]: [field('announcement', 'Hello')],
  'urn:parlour:ban-and-retract': [field('room', room(3)) + field('nick', 'p3') + field('minutes', '60')],
  'urn:parlour:admin#erase-person': [field('jid', 'ann@x.lit')],
  'urn:parlour:admin#rename-room': [field('room', room(3)) + field('to', 'elsewhere'), field('room', room(3)) + field('to', room(4))],
  'urn:parlour:admin#create-room': [field('room', 'fresh') + field('owner', 'ann@x.lit') + field('name', 'Fresh')],
  'urn:parlour:admin#erase-room': [field('room', room(3))],
  'urn:parlour:admin#backup': [''],
  'urn:parlour:admin#backups': [''],
  'urn:parlour:admin#trim': [field('room', room(3)) + field('id', 'nothing')],
  [`${NS.admin}#shutdown`]: [field('delay', '300') + field('announcement', '')],
};

/** As large as the parser lets them in: the number of things in them grows with the scale. */
const LARGE: Readonly<Record<string, (scale: number) => string>> = {
  'a page after a name of 100 characters for each': (scale) => items(RSM(`<after>${'x'.repeat(100 * scale)}</after>`)),
  'as many sets': (scale) => items(RSM('<max>5</max>').repeat(scale)),
  'a node of 100 characters for each': (scale) => items('', ` node="${'x'.repeat(100 * scale)}"`),
  'a registration with as many children': (scale) => iq('set', `<query xmlns="${NS.register}">${'<a/>'.repeat(scale)}</query>`),
  'a command with as many children': (scale) => command('nothing', '', '<a xmlns="urn:example"/>'.repeat(scale)),
  'a vCard of 100 characters for each': (scale) => iq('set', `<vCard xmlns="${NS.vcard}"><FN>${'x'.repeat(100 * scale)}</FN></vCard>`),
  'a question that nobody knows, with as many children': (scale) => iq('get', `<a xmlns="urn:example">${'<b/>'.repeat(scale)}</a>`),
};

/** The stated limits come to this: 500 rooms of an answer, 1,000 that know somebody, 5,000 that are counted for a page. */
const MOST: Readonly<Cost> = { steps: 30_000, characters: 400_000, rows: 6_000, bytes: 120_000, further: 0 };

/** What grows with the service by its nature, and why: only its administrators can ask for it, or it is the asker's own. */
const GROWS: readonly (readonly [which: RegExp, why: string])[] = [
  [/#counts|#get-online-users/, 'it counts what there is; in the thread that reads, which delays no commit'],
  [/#announce|#shutdown/, 'everybody in any room is told, by 500 a second'],
  [/jabber:iq:register 0 of ann/, 'each room that has a nick of theirs gives it up, sixteen at a time'],
];
/** One room is given one command. */
const IN_A_ROOM = /ban-and-retract|#create-room|#rename-room|#erase-room|#trim/;

const crowds: ServiceCrowd[] = [];
beforeAll(async () => {
  for (const count of [1_000, 2_000]) crowds.push(await ServiceCrowd.with(count));
});
afterAll(async () => {
  // The latest has counted last.
  for (const crowd of crowds.reverse()) await crowd.dispose();
});

test('rule 6: everything that is registered at the service has a stanza here', () => {
  expect(Object.keys(REQUESTS).sort()).toEqual([...SERVICE_REQUESTS.keys()].sort());
  const [crowd] = crowds as [ServiceCrowd];
  const nodes = crowd.adHoc.list(ADMIN as Parameters<ServiceCrowd['adHoc']['list']>[0]).map(({ node }) => node);
  expect(Object.keys(COMMANDS).sort()).toEqual([...nodes].sort());
});

const ASKERS = { ann: KNOWN, zoe: STRANGER, bard: ADMIN };

/** What is wrong with the costs beside each other. */
function wrongs(what: string, [cost, more]: readonly [Cost, Cost]): string[] {
  const wrong: string[] = [];
  const grows = GROWS.some(([which]) => which.test(what));
  for (const key of Object.keys(MOST) as (keyof Cost)[]) {
    const most = MOST[key] + (key === 'further' && IN_A_ROOM.test(what) ? 1 : 0);
    if (!grows && Math.max(cost[key], more[key]) > most) wrong.push(`${what}: ${cost[key]} and ${more[key]} ${key}, above ${most}`);
    if (!grows && key !== 'rows' && more[key] > 1.05 * cost[key] + 300)
      wrong.push(`${what}: ${key} from ${cost[key]} to ${more[key]} with twice as many rooms`);
    if (more[key] > 2.2 * cost[key] + 300) wrong.push(`${what}: ${key} from ${cost[key]} to ${more[key]}, more than twice`);
  }
  return wrong;
}

async function costs(text: string): Promise<{ both: readonly [Cost, Cost]; scans: readonly string[]; answers: readonly string[] }> {
  const asked = [];
  for (const crowd of crowds) asked.push(await crowd.ask(text));
  return {
    both: asked.map(({ cost }) => cost) as [Cost, Cost],
    scans: asked.flatMap(({ scans }) => scans),
    answers: asked.map(({ answer }) => answer),
  };
}

test.each(Object.entries(ASKERS))('rule 6: what the service answers %s costs no more than its limits', async (name, from) => {
  const nodes = [...SERVICE_NODES.keys(), ...Object.keys(COMMANDS)];
  const sent: [string, string][] = [
    ...Object.entries(REQUESTS).flatMap(([what, texts]) => texts.map((text, i): [string, string] => [`${what} ${i} of ${name}`, text])),
    ...nodes.flatMap((node): [string, string][] => [
      [`info of ${node}`, iq('get', `<query xmlns="${NS.discoInfo}" node="${node}"/>`)],
      [`items of ${node}`, items('', ` node="${node}"`)],
    ]),
    // What a command without a form costs is looked at where it is completed.
    ...Object.keys(COMMANDS)
      .filter((node) => COMMANDS[node]?.[0] !== '' || name !== 'bard')
      .map((node): [string, string] => [`begins ${node}`, command(node)]),
  ];
  const wrong: string[] = [];
  for (const [what, text] of sent) {
    const { both, scans } = await costs(text.replaceAll('{from}', from));
    wrong.push(...wrongs(what, both), ...scans.map((scan) => `${what}: ${scan}`));
  }
  expect(wrong).toEqual([]);
});

test.each(Object.entries(COMMANDS))('rule 6: %s costs no more than its limits, or what is stated', async (node, forms) => {
  const wrong: string[] = [];
  for (const fields of forms) {
    const begun = await costs(command(node).replaceAll('{from}', ADMIN));
    let both = begun.both;
    if (fields !== '') {
      const done = [];
      for (const [i, crowd] of crowds.entries()) {
        const sessionid = /sessionid="([^"]+)"/.exec(begun.answers[i] ?? '')?.[1] ?? '';
        const type = field('FORM_TYPE', /<field [^>]*var="FORM_TYPE"[^>]*><value>([^<]*)/.exec(begun.answers[i] ?? '')?.[1] ?? '');
        const form = `<x xmlns="${NS.forms}" type="submit">${type}${fields}</x>`;
        done.push(await crowd.ask(command(node, ` sessionid="${sessionid}" action="complete"`, form).replaceAll('{from}', ADMIN)));
      }
      for (const { answer } of done) expect(answer).toContain('status="completed"');
      both = done.map(({ cost }) => cost) as [Cost, Cost];
    }
    wrong.push(...wrongs(node, both));
  }
  expect(wrong).toEqual([]);
});

test.each(Object.entries(LARGE))(
  'rule 6: %s: a thousand are within the limits, and two thousand cost no more than twice that',
  async (_, make) => {
    const [crowd] = crowds as [ServiceCrowd];
    for (const from of Object.values(ASKERS)) {
      const [once, twice] = [
        await crowd.ask(make(1_000).replaceAll('{from}', from)),
        await crowd.ask(make(2_000).replaceAll('{from}', from)),
      ];
      for (const key of Object.keys(MOST) as (keyof Cost)[]) {
        expect([key, once.cost[key] <= MOST[key]]).toEqual([key, true]);
        expect([key, twice.cost[key] <= 2.2 * once.cost[key] + 1_000]).toEqual([key, true]);
      }
    }
  },
);
