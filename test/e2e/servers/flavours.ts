/** Which of the four servers can be had on this machine, and how one of them is started. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureTree, TREE } from './newest-tree';
import { canHave, ensurePackage } from '../support/packages';
import { startProsody } from './prosody';
import { startEjabberd } from './ejabberd';
import { ROOMS, type Components, type Extra, type Flavour, type XmppServer } from './server';

const root = process.getuid?.() === 0;

/** Null when the server can be started here (perhaps after an installation), else the sentence that says why not. */
export function missing(flavour: Flavour): string | null {
  switch (flavour) {
    case 'prosody (stable)':
      return canHave('prosody') ? null : 'Prosody is not installed and only root could install it (apt install prosody).';
    case 'ejabberd (stable)':
      if (!root) return 'Only root can start ejabberd as its own user.';
      return canHave('ejabberd') ? null : 'ejabberd is not installed and there is no apt to install it with.';
    default:
      if (!root) return 'Only root can run the newest servers in a tree of their own.';
      return existsSync(path.join(TREE, '.complete')) || canHave('debootstrap')
        ? null
        : 'The newest servers are fetched by debootstrap, which needs Debian or a derivative.';
  }
}

/** Starts a server in a new temporary directory, installing it first where that is needed. */
export async function startServer(flavour: Flavour, components: Components = ROOMS, extra: Extra = {}): Promise<XmppServer> {
  const place = (): string => mkdtempSync(path.join(tmpdir(), 'parlour-e2e-'));
  switch (flavour) {
    case 'prosody (stable)':
      await ensurePackage('prosody');
      return startProsody(flavour, place(), false, components, extra);
    case 'ejabberd (stable)':
      await ensurePackage('ejabberd');
      return startEjabberd(flavour, place(), false, components, extra);
    case 'prosody (newest)':
    case 'ejabberd (newest)':
      if (!existsSync(path.join(TREE, '.complete'))) await ensurePackage('debootstrap');
      await ensureTree();
      return flavour === 'prosody (newest)'
        ? startProsody(flavour, place(), true, components, extra)
        : startEjabberd(flavour, place(), true, components, extra);
  }
}
