/** `node dist/test/docs/write.js`: writes docs/commands.md, docs/acts.md and docs/configuration.md. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';
import { configurationPage } from './configuration';
import { actsPage, commandsPage } from './pages';

writeFileSync(path.join(packageRoot(), 'docs/commands.md'), commandsPage());
writeFileSync(path.join(packageRoot(), 'docs/acts.md'), actsPage());
writeFileSync(path.join(packageRoot(), 'docs/configuration.md'), configurationPage());
