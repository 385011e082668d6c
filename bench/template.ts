/** The form of a delivery, taken from one that Parlour sent, so that the baseline's are byte for byte of the same form. */
import { BODY, messageId, nick, roomJid } from './loads';

/** What differs between deliveries. */
export type Slot = 'from' | 'to' | 'id' | 'content' | 'occupant-id' | 'stanza-id' | 'room';

/** Text and `{{slot}}`s. */
export type Template = string;

/** Length of an occupant-id and of a stanza-id. */
export const ID_LENGTH = 22;

/** What Parlour's deliveries looked like when this was written: used when the baseline runs alone. */
export const USUAL: Template =
  '<message from="{{from}}" to="{{to}}" type="groupchat" id="{{id}}">{{content}}' +
  '<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{{occupant-id}}"/><stanza-id xmlns="urn:xmpp:sid:0" id="{{stanza-id}}" by="{{room}}"/></message>';

/** The template of a delivery of message 0, which occupant 0 said in room 0. Throws if a part of it is not found. */
export function templateOf(delivery: string): Template {
  const room = roomJid(0);
  return [
    [/<body>[^<]*<\/body>/, `<body>${BODY}</body>`, '{{content}}'],
    [/ from="([^"]*)"/, `${room}/${nick(0)}`, '{{from}}'],
    [/ to="([^"]*)"/, undefined, '{{to}}'],
    [/<occupant-id[^>]* id="([^"]*)"/, undefined, '{{occupant-id}}'],
    [/<stanza-id[^>]* id="([^"]*)"/, undefined, '{{stanza-id}}'],
    [/<stanza-id[^>]* by="([^"]*)"/, room, '{{room}}'],
    [/ id="(m[0-9]*)"/, messageId(0), '{{id}}'],
  ].reduce((text, part) => withSlot(text, ...(part as [RegExp, string | undefined, string])), delivery);
}

function withSlot(text: string, where: RegExp, expected: string | undefined, slot: string): string {
  const found = where.exec(text);
  const value = found?.[1] ?? found?.[0];
  if (found === null || value === undefined) throw new Error(`No ${slot} in this delivery: ${text}`);
  if (expected !== undefined && value !== expected) throw new Error(`${slot} is ${value} where ${expected} was expected: ${text}`);
  if (slot.endsWith('-id}}') && value.length !== ID_LENGTH) throw new Error(`${slot} is not ${ID_LENGTH} characters long: ${text}`);
  const at = found.index + found[0].lastIndexOf(value);
  return text.slice(0, at) + slot + text.slice(at + value.length);
}

/** The form of a change of status or of a private message, of one that occupant 1 said in room 0 with `content` in it. */
export function formWith(sample: string, content: string): Template {
  const at = sample.indexOf(content);
  if (at < 0) throw new Error(`${content} is not in this delivery: ${sample}`);
  return `${sample.slice(0, at)}{{content}}${sample.slice(at + content.length)}`
    .replace(/ from="[^"]*"/, ' from="{{from}}"')
    .replace(/ to="[^"]*"/, ' to="{{to}}"')
    .replace(/ id="m\d+"/, ' id="{{id}}"')
    .replace(new RegExp(`(<occupant-id [^>]*id=")[^"]{${ID_LENGTH}}"`), '$1{{occupant-id}}"');
}

/** A template cut into fixed text (even positions) and slots (odd positions). */
export function cut(template: Template): string[] {
  return template.split(/\{\{([a-z-]+)\}\}/);
}

/** The form of a delivery whatever the order of its attributes: a server between the two may change that. */
export function formOf(delivery: string): string {
  return templateOf(
    delivery.replace(
      / [^<>\s=/]+="[^"]*"(?: [^<>\s=/]+="[^"]*")*/g,
      (run) => ` ${(run.match(/(?<= )[^\s=]+="[^"]*"/g) ?? []).sort().join(' ')}`,
    ),
  );
}
