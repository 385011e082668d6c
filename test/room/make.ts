/** How the moves of random play are made in a world. */
import { NS } from '../../src/xmpp/ns';
import type { Move, Spelling } from './play';
import { ROOM, type World } from './world';
import { asFull } from '../support/jids';

/** Makes one move. */
export function make(world: World, one: Move): void {
  switch (one.do) {
    case 'send':
      world.send(spell(numbered(world, one.xml), one.who, one.spelt));
      return;
    case 'retract':
      retract(world, one.who, one.how, one.part);
      return;
    case 'join':
      world.join(
        one.who,
        spell(
          `<presence from="{who}" to="${ROOM}/${one.nick}" id="j">${one.content}<x xmlns="${NS.muc}">${one.inX}</x></presence>`,
          one.who,
          one.spelt,
        ),
      );
      return;
    case 'leave':
      world.flush(one.who);
      world.client(one.who).leave();
      world.send(spell(`<presence from="{who}" to="${ROOM}/${one.nick}" type="unavailable"/>`, one.who, one.spelt));
      return;
    case 'gone':
      world.flush(one.who);
      world.client(one.who).leave();
      world.give({ kind: 'gone', jid: asFull(one.who), text: 'No such session.' });
      return;
    case 'command':
      world.give({ kind: 'command', command: one.command, done: () => undefined });
      return;
    case 'fuse':
      world.fuse.light(one.calls);
      return;
    case 'slow':
      world.deliverBut(one.who);
      return;
    case 'answer':
      world.answer();
      return;
    case 'settle':
      world.settle();
      return;
    case 'clock':
      world.now += one.ms;
      return;
    case 'timer':
      world.give({ kind: 'timer' });
      return;
    case 'deliver':
      world.deliver(Math.floor(one.part * world.underWay));
      return;
    case 'crash':
      world.crash(Math.floor(one.part * world.underWay));
      return;
    case 'lose-link':
      world.loseLink(Math.floor(one.part * world.underWay));
  }
}

/** The stanza from that person, both addresses in another spelling of the same: only the bare part has any. */
function spell(xml: string, who: string, how: Spelling = 'plain'): string {
  const bare = {
    plain: (jid: string) => jid,
    capitals: (jid: string) => jid.toUpperCase(),
    decomposed: (jid: string) => jid.normalize('NFD'),
    sharp: (jid: string) => jid.replace('ss@', 'ß@'),
  }[how];
  const slash = who.indexOf('/');
  return xml.replaceAll('{who}', bare(who.slice(0, slash)) + who.slice(slash)).replaceAll(`to="${ROOM}`, `to="${bare(ROOM)}`);
}

/** No two messages have the same id or say the same. */
function numbered(world: World, xml: string): string {
  if (!xml.includes('{n}')) return xml;
  const n = ++world.numbers;
  return xml.replaceAll(/\{n-(\d)\}/g, (_, back: string) => String(n - Number(back))).replaceAll('{n}', String(n));
}

/** By whoever it is, or who wrote it; or by a moderator. */
function retract(world: World, who: string, how: 'author' | 'old' | 'moderator', part: number): void {
  const { id, sender } = world.someMessage(part);
  const now = `<retract xmlns="${NS.retract}"`;
  if (how === 'moderator') {
    world.send(`<iq from="${who}" to="${ROOM}" type="set" id="i"><moderate xmlns="${NS.moderate}" id="${id}">${now}/></moderate></iq>`);
    return;
  }
  const old = `<apply-to xmlns="${NS.fasten}" id="${id}"><retract xmlns="${NS.retract0}"/></apply-to>`;
  const [from, payload] = how === 'old' ? [who, old] : [sender ?? who, `${now} id="${id}"/>`];
  world.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m${++world.numbers}">${payload}</message>`);
}
