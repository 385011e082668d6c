/** A whole service on a database, for tests of what is in its bytes. */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { randomBytes } from 'node:crypto';
import type { Service } from '../../src/service/contract';
import { createService } from '../../src/service/service';
import type { Command } from '../../src/room/contract/commands';
import { parse } from '../support/conversation';
import { FakeLink } from '../service/fake-link';
import { realRooms } from '../service/real-rooms';
import { DOMAIN } from '../service/rig';
import { asRoom } from '../support/jids';
import type { RoomJid } from '../../src/xmpp/fold';
import type { Transfers } from '../../src/transfer/contract';
import { createTransfers } from '../../src/transfer/transfers';
import { ROWS } from './temp';
import { LIMITS } from '../room/limits';
import { systemClock } from '../../src/service/clock';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';

/** A service on the database, with the real clock; what is said is confirmed at once. */
export class House {
  readonly link = new FakeLink();
  readonly service: Service;

  readonly transfers: Transfers;
  private readonly room: RoomJid;

  constructor(
    readonly store: SqliteStore,
    domain = DOMAIN,
  ) {
    this.room = asRoom(`a@${domain}`);
    const random = { bytes: (count: number) => randomBytes(count) };
    const makeRoom = realRooms(true);
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    this.service = createService({
      domain,
      store,
      link: this.link,
      clock: systemClock,
      random,
      makeRoom,
      log,
      limits: { confirmMs: 5, persistMs: 5 },
      info: { name: 'Rooms', contact: {} },
      version: '1',
    });
    const { arrive, execute } = this.service;
    const features = { rows: new Map(ROWS.map((declaration) => [declaration.name, declaration])) };
    this.transfers = createTransfers({
      domain,
      store,
      features,
      makeRoom,
      arrive,
      execute,
      forgetAccount: (jid) => this.service.forget(jid),
      clock: systemClock,
      limits: LIMITS,
      random,
      log,
    });
  }

  async open(): Promise<void> {
    await this.service.start();
    this.service.handler.online();
  }

  /** Feeds stanzas, each of them when the one before is committed. */
  async play(...stanzas: string[]): Promise<void> {
    for (const text of stanzas) {
      this.service.handler.stanza(parse(text), text.length);
      // Commands are answered after what was decided before them.
      await this.service.execute({ actor: BY_ITSELF, room: this.room, command: { name: 'set-affiliations', items: [] } });
    }
  }

  command(command: Command): Promise<unknown> {
    return this.service.execute({ actor: BY_ITSELF, room: this.room, command });
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.store.close();
  }
}
