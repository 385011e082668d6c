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

/** What else a server does for a benchmark. */
export interface Extra {
  /** The domain of the server's own group chat, with its archive on; it is no component then. */
  readonly ownRooms?: string;
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
