/** Errors of the service: nobody's bounces. Each is about something that it was given, or about nothing. */
import { foldFull } from '../../xmpp/fold';
import { conditionOf } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import type { Log } from '../../log';
import type { Ending } from './ending';
import type { Leaving } from './leaving';
import type { Standing } from './standing';

export interface RefusalsOptions {
  readonly standing: Standing;
  readonly leaving: Leaving;
  readonly ending: Ending;
  readonly log: Log;
}

export class Refusals {
  /** Whose errors are about what it was given: the service that was open last. */
  service: string | undefined;

  constructor(private readonly options: RefusalsOptions) {}

  /** Whether a stanza is an error of the service: nobody else is to have it. */
  took(stanza: Element): boolean {
    const { service } = this;
    const { type, from } = stanza.attrs as Record<string, string | undefined>;
    if (type !== 'error' || service === undefined || from === undefined || stanza.name === 'iq') return false;
    if (from !== service && foldFull(from) !== foldFull(service)) return false;
    if (this.options.standing.state.kind !== 'none') this.refused(stanza);
    return true;
  }

  /** The service, which is open or about to be closed, says that it refuses something. */
  private refused(error: Element): void {
    const { standing, leaving, ending, log } = this.options;
    const { sent, state } = standing;
    const condition = conditionOf(error) ?? 'undefined-condition';
    // An address that somebody typed: the server does not take it, of which the service can do nothing. Of addresses that are in rooms it takes all.
    const alone = state.kind === 'open' && condition === 'jid-malformed' ? sent.takeSingle(error) : undefined;
    if (alone) {
      standing.counts.refused++;
      leaving.again(alone);
    } else if (sent.refused(error, state.kind === 'closing')) ending.close(condition);
    else log.debug({ event: 'multicast.stray', condition }, 'an error of the multicast service is about nothing that waits for it');
  }
}
