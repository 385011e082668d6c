/** A whole service with the commands of administrators, and bard, who is one. */
import type { BackingUp, Listed, Made } from '../../src/admin/backing-up';
import { createAdminCommands } from '../../src/admin/commands';
import { Erasures } from '../../src/admin/erasures';
import { tellErasure } from '../../src/admin/erasing';
import type { Execute } from '../../src/room/contract/commands';
import type { Log } from '../../src/log';
import { canonical, matchStanza } from '../support/canonical';
import { settle } from '../service/fake-clock';
import { DOMAIN, rig, type Rig, type RigOptions } from '../service/rig';

export const BARD = 'bard@x.lit/globe';
export const COMMANDS = 'http://jabber.org/protocol/commands';
export const ADMIN = 'http://jabber.org/protocol/admin';

export interface Hall extends Rig {
  /** What comes of making a backup, and which there are. */
  readonly backups: { made: Promise<Made>; listed: Listed };
  readonly erasures: Erasures;
  /** What happened beside stanzas. */
  readonly events: string[];
  /** Sends an IQ set with a command; answers what came back to the asker. */
  run(node: string, more?: string, payload?: string, from?: string): Promise<string>;
}

export async function hall(options: RigOptions = {}): Promise<Hall> {
  const events: string[] = [];
  let erasures: Erasures | undefined;
  const backups: Hall['backups'] = { made: Promise.resolve({ name: 'x.db', rooms: 1, messages: 2 }), listed: [] };
  const backingUp: BackingUp = { make: () => backups.made, list: () => backups.listed };
  let drawn = 0;
  let last = '';
  const r = await rig({
    ...options,
    adHoc: ({ store, link, clock, service }) => {
      const log: Log = {
        debug: () => undefined,
        info: (_, event) => events.push(event),
        warn: () => undefined,
        error: (_, event) => events.push(event),
      };
      const execute: Execute = (execution) => service().execute(execution);
      erasures = new Erasures({ store, clock, log, execute, forget: (jid) => service().forget(jid), tell: tellErasure(DOMAIN, link) });
      return createAdminCommands({
        domain: DOMAIN,
        isServiceAdmin: (jid) => jid === 'bard@x.lit',
        store,
        line: link,
        erasures,
        execute,
        backups: backingUp,
        clock,
        random: { bytes: (count) => Buffer.alloc(count, ++drawn) },
        log,
        shutDown: async (by, reason) => {
          await service().shutDown(by, reason);
          events.push('ended');
        },
      });
    },
  });
  return Object.assign(r, {
    backups,
    events,
    erasures: erasures as unknown as Erasures,
    async run(node: string, more = '', payload = '', from = BARD): Promise<string> {
      r.feed(
        `<iq from="${from}" to="${DOMAIN}" type="set" id="c"><command xmlns="${COMMANDS}" node="${node}"${more.replace('{last}', last)}>${payload}</command></iq>`,
      );
      await settle();
      const answered = r.link.xml.filter((xml) => xml.startsWith('<iq') && xml.includes(`to="${from}"`)).at(-1) ?? '';
      last = /sessionid="([^"]*)"/.exec(answered)?.[1] ?? last;
      return answered;
    },
  });
}

/** The session that the last answer began or went on with. */
export const session = ' sessionid="{last}"';
export const values = (...all: string[]): string => all.map((value) => `<value>${value}</value>`).join('');
export const field = (name: string, ...all: string[]): string => `<field var="${name}">${values(...all)}</field>`;
export const submit = (fields: string): string =>
  `<x xmlns="jabber:x:data" type="submit"><field type="hidden" var="FORM_TYPE">${values(ADMIN)}</field>${fields}</x>`;
export const formType = (of = ADMIN): string => `<field type="hidden" var="FORM_TYPE">${values(of)}</field>`;
export const answer = (node: string, status: string, inner: string): string =>
  `<iq from="${DOMAIN}" to="${BARD}" type="result" id="c"><command xmlns="${COMMANDS}" xml:lang="en" node="${node}" sessionid="{sid:1}" status="${status}">${inner}</command></iq>`;
export const result = (fields: string, of = ADMIN): string => `<x xmlns="jabber:x:data" type="result">${formType(of)}${fields}</x>`;

/** The stanza is exactly the wanted one. */
export function is(actual: string, wanted: string): void {
  if (!matchStanza(wanted, actual, new Map())) expect(canonical(actual)).toBe(canonical(wanted));
}
