/** What this program is and understands: schema, version. */
import type { Command } from 'commander';
import { VERSION } from '../../version';
import type { Terminal } from '../terminal';

export function about(program: Command, { out }: Terminal): void {
  program
    .command('schema')
    .description('print the JSON Schema of the configuration, for editors')
    .option('--api', 'print the description of the HTTP API instead (OpenAPI 3.1)')
    .action(async ({ api = false }: { api?: boolean }) => {
      const { schemaOf } = await import('../here.js');
      out(`${JSON.stringify(schemaOf(api ? 'api' : 'configuration'), null, 2)}\n`);
    });
  program
    .command('version')
    .description('print the version')
    .action(() => out(`${VERSION}\n`));
}
