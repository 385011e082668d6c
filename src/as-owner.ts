/** Commands that open the database by themselves do so as the user whose it is: what anybody else makes beside it, the service could not write. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** What it needs of the process. */
export interface Identity {
  readonly uid: number;
  /** Becomes another user, for good. */
  become(uid: number, gid: number): void;
}

/** Thrown with a sentence: this user must not open the files. */
export class NotOwner extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotOwner';
  }
}

/** This process; undefined where users have no numbers. */
function thisProcess(): Identity | undefined {
  const { geteuid, setgroups, setgid, setuid } = process;
  if (!geteuid || !setgroups || !setgid || !setuid) return undefined;
  return {
    uid: geteuid(),
    become(uid, gid) {
      setgroups([gid]);
      setgid(gid);
      setuid(uid);
    },
  };
}

/** The name of a user, for a sentence. */
function nameOf(uid: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((one) => one.split(':')[2] === String(uid));
    return line?.split(':')[0] ?? String(uid);
  } catch {
    return String(uid);
  }
}

/**
 * Sees to it that this process is the owner of the database, or of its folder if there is none yet: root becomes that user, and says so; others are refused with NotOwner.
 *
 * @returns a sentence if the process became another user.
 */
export function becomeOwner(database: string, identity = thisProcess()): string | undefined {
  if (!identity) return undefined;
  const place = existsSync(database) ? database : path.dirname(database);
  const owner = statSync(place, { throwIfNoEntry: false });
  if (!owner || owner.uid === identity.uid) return undefined;
  const name = nameOf(owner.uid);
  if (identity.uid !== 0)
    throw new NotOwner(
      `"${place}" belongs to the user ${name}. Run this command as that user (sudo -u ${name} ...): what another one makes beside the database, Parlour could not write.`,
    );
  identity.become(owner.uid, owner.gid);
  return `Going on as the user ${name}, whose "${place}" is.`;
}
