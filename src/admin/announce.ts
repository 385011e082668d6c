/** Announcements to everybody who is in some room (XEP-0133 §4.23). */
import type { Clock } from '../service/clock';
import type { Log } from '../log';
import type { Directory } from '../store/directory';
import type { BareJid, FullJid } from '../xmpp/fold';
import type { FormOut } from '../xmpp/forms';
import { NS } from '../xmpp/ns';
import { address, outgoing, type Outgoing } from '../xmpp/outgoing';
import { escapeText } from '../xmpp/xml';
import { inWords } from '../words';
import type { AdHocCommand, Outcome } from './ad-hoc';
import type { Answers } from '../xmpp/answers';

/** The part of the link that announcements need. */
export interface Line {
  readonly online: boolean;
  /** True while the server does not take what is queued already. */
  readonly congested: boolean;
  send(out: Outgoing): void;
}

/** Clients told at a time, and the time between: 500 a second, a fraction of what rooms say. */
const PAGE = 50;
const PAUSE_MS = 100;
/** How long the asker waits for the end of it; clients give up an IQ after half a minute or so. */
const PATIENCE_MS = 10_000;

export interface AnnouncerOptions {
  readonly domain: string;
  readonly store: Pick<Directory, 'sessionsAfter'>;
  readonly line: Line;
  readonly clock: Clock;
  readonly log: Log;
}

interface Progress {
  sent: number;
  state: 'sending' | 'sent' | 'cut';
}

export class Announcer {
  private running = false;

  constructor(private readonly options: AnnouncerOptions) {}

  /**
   * Sends a text of `by` to every full JID that is in some room, once each, and returns the progress: at the end, or
   * after a while. One at a time: undefined while another is being sent. Rejects if the store fails.
   */
  async announce(text: string, by: BareJid): Promise<Progress | undefined> {
    if (this.running) return undefined;
    this.running = true;
    const progress: Progress = { sent: 0, state: 'sending' };
    const whole = this.sendAll(text, by, progress).finally(() => (this.running = false));
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => (cancel = this.options.clock.after(PATIENCE_MS, resolve)));
    await Promise.race([whole, late]).finally(() => {
      cancel();
    });
    // Log a store failure: the asker may not wait any more.
    if (progress.state === 'sending')
      whole.catch((error: unknown) =>
        this.options.log.error({ event: 'announcement.interrupted', by, err: error }, 'an announcement was interrupted'),
      );
    return { ...progress };
  }

  private async sendAll(text: string, by: BareJid, progress: Progress): Promise<void> {
    const { domain, store, line, clock, log } = this.options;
    const pause = (): Promise<void> => new Promise((resolve) => clock.after(PAUSE_MS, resolve));
    for (let after: FullJid | '' = ''; ;) {
      const page = await store.sessionsAfter(after, PAGE);
      const last = page.at(-1);
      if (last === undefined) break;
      while (line.congested && line.online) await pause();
      if (!line.online) {
        progress.state = 'cut';
        break;
      }
      // A headline is dropped if the client is gone (RFC 6121 §8.5.3.2.1); other types would be stored, or go to other clients.
      line.send(
        outgoing(
          'message',
          domain,
          page.map((session) => address(session.address)),
          { type: 'headline' },
          `<body>${escapeText(text)}</body>`,
        ),
      );
      progress.sent += page.length;
      after = last.jid;
      if (page.length < PAGE) break;
      await pause();
    }
    if (progress.state === 'sending') progress.state = 'sent';
    log.info({ event: 'announcement.sent', by, clients: progress.sent, complete: progress.state === 'sent' }, 'an announcement was sent');
  }
}

/** The text of a text-multi field. */
export function textOf(answers: Answers, field: string): string {
  return (answers.get(field) ?? []).join('\n').trim();
}

/** What the asker is told about an announcement. */
export function announceNote(progress: Progress | undefined): Required<Pick<Outcome, 'note'>> {
  if (!progress) return { note: { type: 'error', text: inWords('announceBusy') } };
  const { sent: count, state } = progress;
  if (state === 'cut') return { note: { type: 'error', text: inWords('announceCut', { count }) } };
  return { note: { type: 'info', text: inWords(state === 'sent' ? 'announced' : 'announcing', { count }) } };
}

/** The command. */
export function announcement(announcer: Announcer): AdHocCommand {
  const form: FormOut = {
    type: 'form',
    formType: NS.admin,
    title: inWords('announceTitle'),
    instructions: inWords('announceInstructions'),
    fields: [{ var: 'announcement', type: 'text-multi', label: inWords('announceText'), required: true, values: [] }],
  };
  return {
    node: `${NS.admin}#announce`,
    name: inWords('announceTitle'),
    form,
    run: async (answers, asker) => announceNote(await announcer.announce(textOf(answers, 'announcement'), asker)),
  };
}
