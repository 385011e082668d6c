/** `npm run bench -- away`: what a room costs of which a thousand members are away, with one message a second. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startParlour, THIS_BUILD } from './component';
import { cpuOf } from './cpu';
import { COMPONENT_DOMAIN, SERVER_DOMAIN, type Load } from './loads';
import { serveComponent, type Peer } from './server';

const AWAY = 1_000;
const SECONDS = 30;
/** Of a core, on the main thread. */
const AIM = 0.05;
const LOAD: Load = { name: 'away', rooms: 1, occupants: 2_000, target: 0 };
const ROOM = `coven@${COMPONENT_DOMAIN}`;
const OWNER = `owner@${SERVER_DOMAIN}/1`;
const OWN_FORM = ['persistentroom', 'membersonly'].map((name) => `<field var="muc#roomconfig_${name}"><value>1</value></field>`).join('');

/** True: it is below the aim. Every message is for all of them: a private group. */
export async function away(): Promise<boolean> {
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-away-'));
  let peer: Peer | undefined;
  let wakeUps = 0;
  let tail = '';
  const attached = new Promise<void>((resolve) => {
    void serveComponent(COMPONENT_DOMAIN, (one) => {
      peer = one;
      resolve();
      return (chunk) => {
        const text = tail + chunk.toString('latin1');
        const end = text.lastIndexOf('>') + 1;
        tail = text.slice(end);
        take(text.slice(0, end));
      };
    }).then((port) => {
      component = startParlour(THIS_BUILD, port, LOAD, place, { rates: true, serverDomain: SERVER_DOMAIN });
    });
  });
  let component: ReturnType<typeof startParlour> | undefined;
  const take = (text: string): void => {
    wakeUps += text.match(/urn:parlour:wake:0/g)?.length ?? 0;
    for (const [, attributes = ''] of text.matchAll(/<iq ([^>]*type="get"[^>]*)>/g)) {
      const of = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
      const payload = text.includes('jabber:iq:version') ? '<query xmlns="jabber:iq:version"><name>Prosody</name></query>' : '';
      say(`<iq type="result" id="${of('id')}" from="${of('to')}" to="${of('from')}">${payload}</iq>`);
    }
  };
  const say = (text: string): void => peer?.write(text);
  const enter = (from: string, nick: string): void =>
    say(`<presence from="${from}" to="${ROOM}/${nick}"><x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x></presence>`);
  try {
    await attached;
    enter(OWNER, 'owner');
    await delay(500);
    const form = `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>${OWN_FORM}<field var="muc#roomconfig_whois"><value>anyone</value></field></x>`;
    say(`<iq type="set" id="f" from="${OWNER}" to="${ROOM}"><query xmlns="http://jabber.org/protocol/muc#owner">${form}</query></iq>`);
    for (let i = 0; i < AWAY; i++) {
      const jid = `w${i}@${SERVER_DOMAIN}`;
      say(
        `<iq type="set" id="a${i}" from="${OWNER}" to="${ROOM}"><query xmlns="http://jabber.org/protocol/muc#admin"><item affiliation="member" jid="${jid}"/></query></iq>`,
      );
      enter(`${jid}/1`, `w${i}`);
      say(`<presence type="unavailable" from="${jid}/1" to="${ROOM}/w${i}"/>`);
    }
    await delay(15_000);
    const talk = async (seconds: number): Promise<void> => {
      for (let i = 0; i < seconds; i++) {
        say(`<message type="groupchat" id="m${i}" from="${OWNER}" to="${ROOM}"><body>Round about the cauldron go.</body></message>`);
        await delay(1_000);
      }
    };
    // The first message wakes all of them.
    await talk(5);
    const pid = component?.process.pid ?? 0;
    const [rung, before] = [wakeUps, cpuOf(pid)];
    await talk(SECONDS);
    const share = (cpuOf(pid).main - before.main) / 1e9 / SECONDS;
    process.stdout.write(
      `${AWAY} members away, 1 message a second: ${(100 * share).toFixed(1)} % of a core on the main thread (aim: below ${100 * AIM} %); ${rung} woken before, ${wakeUps - rung} within\n`,
    );
    return rung === AWAY && share < AIM;
  } finally {
    await component?.stop();
    rmSync(place, { recursive: true, force: true });
  }
}
