/** The operator's rules as rooms ask for them: made from the configuration once, at start. */
import type { Config } from './config';
import type { Mistake } from './config-mistakes';
import type { Policy } from './room/env';
import type { FeatureSet } from './room/feature';
import { BadValue, type Option } from './room/options';
import { domainOf } from './xmpp/jid';

/** Who may create rooms, who is a service administrator, what rooms begin with, and the limits. */
export function policyOf(config: Config): Policy {
  const { service, limits, roomDefaults } = config;
  const admins = new Set(service.admins);
  const isServiceAdmin = (jid: string): boolean => admins.has(jid);
  return {
    isServiceAdmin,
    mayCreate: (jid) => isServiceAdmin(jid) || mayCreate(config, jid),
    defaults: roomDefaults,
    limits,
    kept: config.archive,
    creation: { roomsPerCreator: limits.roomsPerCreator, rooms: limits.rooms },
  };
}

function mayCreate(config: Config, jid: string): boolean {
  const allowed = config.service.createRooms;
  switch (allowed) {
    case 'anyone':
      return true;
    case 'local':
      return domainOf(jid) === config.server.domain;
    case 'admins':
      return false;
    default:
      return allowed.includes(jid) || allowed.includes(domainOf(jid));
  }
}

/** What is wrong with `roomDefaults`: fields that no room has, and values that the field does not take. */
export function roomDefaultMistakes(features: FeatureSet, defaults: ReadonlyMap<string, readonly string[]>): Mistake[] {
  const options = new Map(
    features.all.flatMap((feature) => (feature.options ?? []) as readonly Option<unknown>[]).map((option) => [option.var, option]),
  );
  const mistakes: Mistake[] = [];
  for (const [field, values] of defaults) {
    const path = `roomDefaults["${field}"]`;
    const option = options.get(field);
    if (!option) {
      mistakes.push({ path, text: `is no field of the configuration form; allowed: ${[...options.keys()].join(', ')}.` });
      continue;
    }
    if (option.setBy !== undefined) {
      mistakes.push({ path, text: `is not set here; set ${option.setBy}.default.` });
      continue;
    }
    const value = option.parse(values);
    if (value instanceof BadValue) mistakes.push({ path, text: value.text });
  }
  return mistakes;
}
