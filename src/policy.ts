/** The operator's rules as rooms ask for them: made from the configuration once, at start. */
import type { Config } from './config';
import type { Mistake } from './config-mistakes';
import type { Policy } from './room/contract/env';
import type { FeatureSet } from './room/contract/feature-set';
import { BadValue, RoomOptions, type Option } from './room/contract/options';
import type { BareJid, Domain } from './xmpp/fold';
import { SINGLE } from './xmpp/forms';
import { domainOf } from './xmpp/jid';

/** Who may create rooms, who is a service administrator, what rooms begin with, and the limits. */
export function policyOf(config: Config, knowsDomain: (domain: BareJid) => boolean = () => false): Policy {
  const { service, limits, roomDefaults, rooms, wakeUps } = config;
  const admins = new Set(service.admins);
  const isServiceAdmin = (jid: BareJid): boolean => admins.has(jid);
  return {
    isServiceAdmin,
    knowsDomain,
    mayCreate: (jid) => isServiceAdmin(jid) || mayCreate(config, jid),
    isLocal: (domain) => domain === config.server.domain,
    defaults: roomDefaults,
    limits,
    kept: config.archive,
    rooms,
    wakeUps,
    creation: { roomsPerCreator: limits.roomsPerCreator, rooms: limits.rooms },
  };
}

/** Whom no rate holds up, by bare JID. */
export function trustOf({ service, limits }: Config): (account: BareJid) => boolean {
  const trusted = new Set<BareJid>([...service.admins, ...limits.trusted]);
  return (account) => trusted.has(account) || trusted.has(domainOf(account));
}

function mayCreate(config: Config, jid: BareJid): boolean {
  const { createRooms } = config.service;
  const domain = domainOf(jid);
  return (typeof createRooms === 'string' ? [createRooms] : createRooms).some((allowed) => {
    switch (allowed) {
      case 'anyone':
        return true;
      case 'local':
        return domain === config.server.domain;
      case 'admins':
        return false;
      default:
        return allowed === jid || allowed === domain;
    }
  });
}

/** What is wrong with `roomDefaults`: fields that no room has, values that the field does not take, and what no owner could submit together. */
export function roomDefaultMistakes(features: FeatureSet, defaults: ReadonlyMap<string, readonly string[]>): Mistake[] {
  const fields = new Map(
    features.all.flatMap((feature) => (feature.options ?? []) as readonly Option<unknown>[]).map((option) => [option.var, option]),
  );
  const mistakes: Mistake[] = [];
  for (const [field, values] of defaults) {
    const path = `roomDefaults["${field}"]`;
    const option = fields.get(field);
    if (!option) {
      mistakes.push({ path, text: `is no field of the configuration form; allowed: ${[...fields.keys()].join(', ')}.` });
      continue;
    }
    if (option.setBy !== undefined) {
      mistakes.push({ path, text: `is not set here; set ${option.setBy}.default.` });
      continue;
    }
    if (SINGLE.has(option.type) && values.length > 1) {
      mistakes.push({ path, text: `takes one value, not ${values.length}.` });
      continue;
    }
    const value = option.parse(values);
    if (value instanceof BadValue) {
      mistakes.push({ path, text: String(value.text) });
      continue;
    }
    const bad = option.submittable?.(value);
    if (bad) mistakes.push({ path, text: String(bad.text) });
  }
  if (mistakes.length > 0) return mistakes;
  // A room that its owner takes as it is has these and nothing else.
  const options = new RoomOptions(new Map(), defaults);
  for (const feature of features.all) {
    for (const field of feature.implied?.(defaults).keys() ?? []) {
      mistakes.push({ path: 'roomDefaults', text: `no password is asked for unless "${field}" is true.` });
    }
    const refusal = feature.acceptable?.(options);
    if (refusal) mistakes.push({ path: 'roomDefaults', text: `no room can be made with these: ${String(refusal.text)}` });
  }
  return mistakes;
}

const isWord = (one: string): one is 'anyone' | 'local' | 'admins' => one === 'anyone' || one === 'local' || one === 'admins';

/** The domains that the configuration names. */
export function domainsNamed({ server, service }: Config): Domain[] {
  const created = typeof service.createRooms === 'string' ? [] : service.createRooms.filter((one): one is BareJid => !isWord(one));
  return [server.domain, ...[...service.admins, ...created].map((jid) => domainOf(jid))];
}
