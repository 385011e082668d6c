/** A whole service on a database, for tests of what is in its bytes. */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { randomBytes } from 'node:crypto';
import { createService, type Service } from '../../src/service/service';
import type { Command } from '../../src/room/contract/commands';
import { parse } from '../support/conversation';
import { FakeLink } from '../service/fake-link';
import { realRooms } from '../service/real-rooms';
import { DOMAIN, ROOM } from '../service/rig';
import { systemClock } from '../../src/service/clock';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';

/** A service on the database, with the real clock; what is said is confirmed at once. */
export class House {
  readonly link = new FakeLink();
  readonly service: Service;

  constructor(readonly store: SqliteStore) {
    this.service = createService({
      domain: DOMAIN,
      store,
      link: this.link,
      clock: systemClock,
      random: { bytes: (count) => randomBytes(count) },
      makeRoom: realRooms(true),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      limits: { confirmMs: 5, persistMs: 5 },
      info: { name: 'Rooms', contact: {} },
      version: '1',
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
      await this.service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'set-affiliations', items: [] } });
    }
  }

  command(command: Command): Promise<unknown> {
    return this.service.execute({ actor: BY_ITSELF, room: ROOM, command });
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.store.close();
  }
}
