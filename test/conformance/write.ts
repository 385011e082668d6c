/** `npm run conformance`: writes docs/conformance.md. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../support/package-root';
import { conformancePage } from './page';
import { readTitles } from './titles';

writeFileSync(path.join(packageRoot(), 'docs/conformance.md'), conformancePage(readTitles()));
