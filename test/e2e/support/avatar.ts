/** The picture of a room, as its owner puts it up from another client (XEP-0486): what the tests of clients see is told by its hash. */
import { createHash } from 'node:crypto';
import xml from '@xmpp/xml';
import type { User } from './user';

/** One red pixel. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==', 'base64');

/** Two pictures that look the same and are different: what follows the end of a PNG is not shown. */
export const PICTURES = [PIXEL, Buffer.concat([PIXEL, Buffer.from('again')])] as const;

/** The hash by which a picture is announced (XEP-0153): SHA-1, as hexadecimal digits. */
export function hashOf(picture: Buffer): string {
  return createHash('sha1').update(picture).digest('hex');
}

/** The owner gives the room a picture, or takes it away (null); throws when the room does not let them. */
export async function setAvatar(owner: User, room: string, picture: Buffer | null): Promise<void> {
  const photo = picture === null ? [] : [xml('PHOTO', {}, xml('TYPE', {}, 'image/png'), xml('BINVAL', {}, picture.toString('base64')))];
  const answer = await owner.iq('set', room, xml('vCard', { xmlns: 'vcard-temp' }, ...photo));
  if (answer.attrs['type'] !== 'result') throw new Error(`the room did not take the picture: ${answer.toString()}`);
}
