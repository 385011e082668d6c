/** How a test file says which servers and programs it needs: present or installable, or the tests are skipped by name; under CI they fail instead. */
import { FLAVOURS, ROOMS } from '../servers/server';
import type { Components, Flavour, XmppServer } from '../servers/server';
import { missing, startServer } from '../servers/flavours';
import { canHave } from './packages';
import type { Package } from './packages';

/** The longest that a server may take to be installed and started, in ms. */
export const START_TIMEOUT = 600_000;

/**
 * Where clients that nobody here wrote live through their stories, and what administrators do is played: at Debian's stable servers, and with ALL_SERVERS=true, as in
 * `.ci/nightly`, at the newest too. What is said to a client does not differ by the server; what does is in `rooms`, which is played at all four. What must outlive a kill and a restart took two minutes of a core at four servers, and went the same way on all.
 */
export const CLIENT_FLAVOURS: readonly Flavour[] =
  process.env['ALL_SERVERS'] === 'true' ? FLAVOURS : FLAVOURS.filter((flavour) => flavour.endsWith('(stable)'));

/** Where a browser plays the client, which takes longest: by day at one server. */
export const BROWSER_FLAVOURS: readonly Flavour[] = process.env['ALL_SERVERS'] === 'true' ? FLAVOURS : ['prosody (stable)'];

/** True where nothing may be skipped. */
const strict = process.env['CI'] === 'true';

/**
 * A `describe` for each server of the list. The server is started before the first test and removed after the last;
 * `server()` is for use inside tests and hooks.
 */
export function describeServers(
  what: string,
  body: (server: () => XmppServer, flavour: Flavour) => void,
  flavours: readonly Flavour[] = FLAVOURS,
  components: Components = ROOMS,
): void {
  for (const flavour of flavours) {
    const reason = missing(flavour);
    const declare = reason === null || strict ? describe : describe.skip;
    declare(reason === null ? `${what}: ${flavour}` : `${what}: ${flavour} [${reason}]`, () => {
      let server: XmppServer | undefined;
      beforeAll(async () => {
        server = await startServer(flavour, components);
      }, START_TIMEOUT);
      afterAll(async () => {
        await server?.stop();
      }, 60_000);
      body(() => {
        if (server === undefined) throw new Error('the server has not been started');
        return server;
      }, flavour);
    });
  }
}

/** A `describe` that needs Debian packages; the body installs them itself with `ensurePackage`. */
export function describeWith(packages: readonly Package[], what: string, body: () => void): void {
  const absent = packages.filter((name) => !canHave(name));
  const declare = absent.length === 0 || strict ? describe : describe.skip;
  declare(absent.length === 0 ? what : `${what} [not installed: ${absent.join(', ')}]`, body);
}
