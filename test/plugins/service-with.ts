/** A service with Parlour's rooms and a plug-in, for tests of what a room alone cannot show. */
import type { Hooks } from '../../src/plugin';
import type { Plugins } from '../../src/plugins/runtime';
import { realRooms } from '../service/real-rooms';
import { settle } from '../service/fake-clock';
import { rig, type Rig } from '../service/rig';
import { MemoryDisk } from '../support/memory-store';
import { pluginsOf, withHooks, type Lines } from './feature-of';

const KEPT = { days: 1_000_000, rows: 1_000, bytes: 1_000_000 };

/** What a test plays with; what people hear is XML. */
export interface Played extends Rig {
  readonly plugins: Plugins;
  readonly disk: MemoryDisk;
  /** What was said since the last look. */
  readonly heard: () => string[];
}

/** As the composition root puts them together. */
export async function serviceWith(hooks: Hooks, { disk = new MemoryDisk(), lines = [] as Lines } = {}): Promise<Played> {
  const plugins = pluginsOf(withHooks(hooks), undefined, lines);
  const played = await rig({ disk, makeRoom: realRooms(true, {}, plugins.features) });
  await plugins.open(played.store, KEPT);
  await plugins.start(played.service);
  const heard = (): string[] => {
    const { xml } = played.link;
    played.link.take();
    return xml;
  };
  const play = async (...stanzas: string[]): Promise<string[]> => {
    played.feed(...stanzas);
    await settle();
    return heard();
  };
  return { ...played, play, heard, plugins, disk };
}
