/** Why there is no connection, in classes that decide how long to wait and what to tell the operator. */
import { NS } from '../xmpp/ns';
import { childElements, textOf, type Element } from '../xmpp/xml';

export type FailureKind =
  /** The server says that this component is connected already. */
  | 'conflict'
  /** The server refuses the secret. */
  | 'not-authorized'
  /** The server does not know the component's domain. */
  | 'host-unknown'
  /** The server speaks another kind of stream at this port: that of clients, or of other servers. */
  | 'wrong-port'
  /** No TCP connection. */
  | 'unreachable'
  /** TLS failed: usually the certificate. */
  | 'tls'
  /** Connected, but the handshake did not finish. */
  | 'handshake'
  /** Was online; the connection was lost. */
  | 'lost';

export interface Failure {
  readonly kind: FailureKind;
  /** Part of a sentence: what happened. */
  readonly why: string;
}

/** The condition and the text of `<stream:error/>` (RFC 6120 §4.9.2); `undefined-condition` for an empty one. */
function streamCondition(error: Element): { condition: string; text: string } {
  let condition = 'undefined-condition';
  let text = '';
  for (const child of childElements(error)) {
    if (child.attrs['xmlns'] !== NS.streams) continue;
    if (child.name === 'text') text = textOf(child).slice(0, 200);
    else condition = child.name;
  }
  return { condition, text };
}

const REFUSALS: ReadonlySet<string> = new Set<FailureKind>(['conflict', 'not-authorized', 'host-unknown']);

/** A stream error as a failure. */
export function streamFailure(error: Element, wasOnline: boolean): Failure {
  const { condition, text } = streamCondition(error);
  const kind = REFUSALS.has(condition) ? (condition as FailureKind) : wasOnline ? 'lost' : 'handshake';
  return { kind, why: `the server closed the stream with ${condition}${text === '' ? '' : ` (${text})`}` };
}

/** The peers that a port serves, by the default namespace of its stream header (RFC 6120 §4.8.2). */
const PORT_OF: ReadonlyMap<unknown, string> = new Map([
  ['jabber:client', 'clients'],
  ['jabber:server', 'other servers'],
]);

/** Replaces the failure by `wrong-port` if the stream header is one for clients or servers. */
export function atPort(failure: Failure, namespace: unknown): Failure {
  const whose = PORT_OF.get(namespace);
  return whose === undefined ? failure : { kind: 'wrong-port', why: `that is the server's port for ${whose}` };
}

const SOCKET_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the server reset the connection',
  EPIPE: 'the server closed the connection',
};

/** What is wrong with the name alone. */
const UNRESOLVED: ReadonlySet<string | undefined> = new Set([SOCKET_WORDS['ENOTFOUND'], SOCKET_WORDS['EAI_AGAIN']]);

/** A socket's error as a failure, by how far the connection had come. */
export function socketFailure(error: NodeJS.ErrnoException, phase: 'connecting' | 'handshake' | 'online'): Failure {
  const code = error.code ?? '';
  const why = SOCKET_WORDS[code] ?? error.message;
  if (/EPROTO|CERT|TLS|SSL|SIGNED|ALTNAME|VERIFY/.test(code)) return { kind: 'tls', why: `TLS failed: ${error.message}` };
  return { kind: phase === 'connecting' ? 'unreachable' : phase === 'handshake' ? 'handshake' : 'lost', why };
}

/** Where and as whom the link attaches, for the sentences below. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
}

/** What the operator must change, for Prosody and for ejabberd; undefined if they can only wait. */
export function remedy(failure: Failure, target: Target): string | undefined {
  const { host, port, domain } = target;
  switch (failure.kind) {
    case 'conflict':
      return (
        `the server says that ${domain} is connected already: stop the other process that uses this domain and secret. ` +
        'If none runs, the old connection is not timed out yet; Prosody takes over at once with component_conflict_resolve = "kick_old". ' +
        `If ${domain} is the domain of the server's users, the rooms need another one`
      );
    case 'not-authorized':
      return (
        `the server refuses the secret for ${domain}: make server.secret the same as component_secret under Component "${domain}" (Prosody), ` +
        `or as the password of "${domain}" under hosts of the listener with module ejabberd_service (ejabberd), and reload the server. ` +
        `ejabberd says the same of a domain that is not under hosts there, also of one that is its own rooms' (host of mod_muc): the component needs one of its own`
      );
    case 'host-unknown':
      return (
        `the server does not know ${domain}: add Component "${domain}" with a component_secret to its configuration and restart it (Prosody: a reload does not add one), ` +
        `or "${domain}" with a password under hosts of the listener with module ejabberd_service, and reload it (ejabberd). ` +
        `If ${domain} is there as Component "${domain}" "muc", those are the server's own rooms: take "muc" away. If it is the domain of the server's users, the rooms need another one`
      );
    case 'wrong-port':
      return `${failure.why}, ${port}: set server.port to that of its components, component_ports (Prosody, 5347 unless it is set) or that of the listener with module ejabberd_service (ejabberd)`;
    case 'unreachable':
      if (UNRESOLVED.has(failure.why))
        return `cannot find ${host}, ${failure.why}: correct server.host (127.0.0.1 if the server is on this machine), or see to the name in the DNS or in /etc/hosts`;
      return (
        `cannot reach ${host}:${port}, ${failure.why}: start the server, and compare server.host and server.port with its ` +
        'component_interfaces and component_ports (Prosody), or with ip and port of the listener with module ejabberd_service (ejabberd)'
      );
    case 'tls':
      return `${failure.why}: give Parlour the authority that signed the certificate of ${host}, or the name in the certificate`;
    case 'handshake':
    case 'lost':
      return undefined;
  }
}
