/** `parlour/plugin/test`: a room in memory, for the tests of a plug-in. No server, no database, no waiting. */
import type { Plugin } from './plugins/api';
import { FakeRoom } from './plugins/fake-room';
import type { TestRoom, TestRoomOptions } from './plugins/test-room';

export type { TestPerson, TestRoom, TestRoomOptions } from './plugins/test-room';

/** Makes a room with one plug-in, set up and started. Throws with a sentence if Parlour would refuse it. */
export function testRoom(plugin: Plugin, options: TestRoomOptions = {}): Promise<TestRoom> {
  return FakeRoom.open(plugin, options);
}
