/** `npm run conformance`: writes docs/conformance.md and parlour.doap. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';
import { doapFile } from './doap';
import { conformancePage } from './page';
import { readTitles } from './titles';

writeFileSync(path.join(packageRoot(), 'docs/conformance.md'), conformancePage(readTitles()));

const project = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as Parameters<typeof doapFile>[0];
writeFileSync(path.join(packageRoot(), 'parlour.doap'), doapFile(project));
