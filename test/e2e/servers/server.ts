/** What the tests know of a throw-away XMPP server, and the four kinds of it. */

/** The four servers of the end-to-end tests: Debian's stable packages and the newest ones (trixie-backports in a tree of their own). */
export const FLAVOURS = ['prosody (stable)', 'ejabberd (stable)', 'prosody (newest)', 'ejabberd (newest)'] as const;
export type Flavour = (typeof FLAVOURS)[number];

/** Component domains that a server lets attach, each with its secret. */
export type Components = Readonly<Record<string, string>>;
export const ROOMS: Components = { 'rooms.localhost': 'secret' };

/** The component of a push service, where a server is to push (XEP-0357). */
export const PUSHES: Components = { ...ROOMS, 'push.localhost': 'secret' };
/** Whether a server among these components pushes. */
export const pushesTo = (components: Components): boolean => 'push.localhost' in components;

/** What else a server does. */
export interface Extra {
  /** The domain of the server's own group chat, with its archive on; it is no component then. */
  readonly ownRooms?: string;
  /** A component for which this server has a multicast service (XEP-0033) that takes 100 addresses of a stanza; `multicastOf` names it. */
  readonly multicastFor?: string;
  /** It is a plain server of this domain, without components, that other servers find. */
  readonly plain?: string;
}

/** The multicast service for a component: on a host above the component, or ejabberd would refuse it as a stranger's. */
export function multicastOf(component: string): { readonly host: string; readonly service: string } {
  const host = component.split('.').at(-1) as string;
  return { host, service: `multicast.${host}` };
}

/** A second service, whose server has a multicast service for it (XEP-0033), and a component that stands for another domain. */
export const CROWD = 'crowd.localhost';
export const FAR = 'far.localhost';
export const CROWDS: Components = { ...ROOMS, [CROWD]: 'secret', [FAR]: 'secret' };
export const hasCrowd = (components: Components): boolean => CROWD in components;

/** A second virtual host, whose name is no ASCII: as a server configures it, in Punycode. */
export const ELSEWHERE = 'xn--bcher-kva.localhost';

/** A running server with two virtual hosts, one component domain and no other chat service. */
export interface XmppServer {
  readonly flavour: Flavour;
  /** The virtual host, `localhost`. */
  readonly domain: string;
  /** The other virtual host as this server has it: the newest ejabberd knows no Punycode. */
  readonly elsewhere: string;
  /** The component's domain, `rooms.localhost`. */
  readonly component: string;
  /** The component's secret. */
  readonly secret: string;
  /** Where both ports listen, `127.0.0.1`. */
  readonly host: string;
  readonly c2sPort: number;
  readonly componentPort: number;
  /** Where web clients connect (RFC 7395). */
  readonly websocket: string;
  /** Creates the account `name@localhost`, or at the other host, unless this server has it already; answers its password. */
  account(name: string, domain?: string): Promise<string>;
  /** Where other servers connect; 0: it speaks to none. */
  readonly s2sPort: number;
  /** Tells it where another server is. */
  meet(domain: string, port: number): void;
  /** Has its multicast service for CROWD take no more addresses than this in a stanza; it reads its configuration again without a restart. Only Prosody does that. */
  limit(addresses: number): Promise<void>;
  /** The server's process; 0 while there is none. */
  pid(): number;
  /** Ends the process (SIGTERM, then SIGKILL); its data stay. */
  halt(): Promise<void>;
  /** Starts it again after `halt`, with the same data and ports. */
  resume(): Promise<void>;
  /** Ends the process and removes everything it wrote. */
  stop(): Promise<void>;
  /** The end of its output and log, for failure texts. */
  log(): string;
}
