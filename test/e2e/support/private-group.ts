/** A private group that somebody makes with their client by the preset: that it is one, and that it rings for whoever was added and is away. */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import type { XmppServer } from '../servers/server';
import { NS } from './stanzas';
import { User } from './user';

/** The field of the owner's form, as people read it, and the choice. */
export const PRESET = {
  field: '{urn:parlour:room}preset',
  value: 'private-group',
  label: 'Private group: members only, who see each other’s addresses',
};

/** What a friend says of which every client must show that it has come: behind a doorbell, which none must show. */
export const BY_A_FRIEND = 'a friend’s own words';

/** Every account is woken by the doorbell, which servers hand on to the clients that are there. */
export function withDoorbells(config: Record<string, unknown>): void {
  config['wakeUps'] = { forms: { localhost: 'doorbell' } };
}

/** Looks at the wire for somebody who has a client: what comes to their account. */
export class AtTheWire {
  private constructor(
    private readonly user: User,
    private readonly friend: User,
  ) {}

  /** Logs in beside the client of the person `name`. */
  static async of(server: XmppServer, name: string): Promise<AtTheWire> {
    return new AtTheWire(await User.connect(server, name, 'wire'), await User.connect(server, 'friend'));
  }

  /** What discovery says of the room, of what the preset makes of it. */
  async privacy(room: string): Promise<string[]> {
    const info = (await this.user.iq('get', room, xml('query', { xmlns: NS.discoInfo }))).getChild('query', NS.discoInfo);
    const features = (info?.getChildren('feature') ?? []).map((feature) => String(feature.attrs['var']));
    return ['muc_membersonly', 'muc_nonanonymous', 'muc_hidden', 'muc_persistent'].filter((each) => features.includes(each));
  }

  /** Waits for the room's invitation of whom it has for a member now; how many there were. */
  async invitations(room: string): Promise<number> {
    const isOne = (stanza: Element): boolean =>
      stanza.is('message') && stanza.attrs['from'] === room && stanza.getChild('x', NS.user)?.getChild('invite') !== undefined;
    await this.user.waitFor(isOne, `the invitation into ${room}`);
    await this.user.settle(room);
    return this.user.log().filter(isOne).length;
  }

  /** Waits for the doorbell, and has a friend say something behind it; what the doorbell has in it, by name. */
  async doorbell(room: string): Promise<string[]> {
    const bell = await this.user.waitFor(
      (stanza) => stanza.is('message') && stanza.attrs['from'] === room && stanza.getChild('encrypted', 'urn:parlour:wake:0') !== undefined,
      `the doorbell of ${room}`,
    );
    await this.friend.send(xml('message', { to: this.user.bareJid, type: 'chat' }, xml('body', {}, BY_A_FRIEND)));
    return [
      `${String(bell.attrs['type'])} of ${String(bell.getChild('encrypted')?.attrs['messages'])}`,
      ...bell.getChildElements().map((each) => each.getName()),
    ];
  }

  async leaves(): Promise<void> {
    await Promise.all([this.user.disconnect(), this.friend.disconnect()]);
  }
}

/** What `privacy` and `doorbell` answer for one message. */
export const PRIVACY = ['muc_membersonly', 'muc_nonanonymous', 'muc_hidden', 'muc_persistent'];
export const ONE_MESSAGE = ['undefined of 1', 'encrypted', 'store'];
