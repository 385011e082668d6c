/** Asks whoever gave the command before something is destroyed. */
import { Ended, EXIT } from './ending';
import type { Terminal } from './terminal';

/** Goes on if they say yes, or said so with --yes. `what`: a sentence. Throws Ended. */
export async function confirmed({ typed }: Pick<Terminal, 'typed'>, what: string, yes: boolean): Promise<void> {
  if (yes) return;
  const answer = await typed(`${what} Type "yes" to go on: `);
  if (answer === undefined) throw new Ended(EXIT.declined, `${what} Nobody is here to be asked: say --yes. Nothing was done.`);
  if (answer !== 'yes') throw new Ended(EXIT.declined, 'Nothing was done.');
}

/** The same for what destroys many: they give back how many there are. `said`: the number of --number. Throws Ended. */
export async function counted({ typed }: Pick<Terminal, 'typed'>, what: string, number: number, said: string | undefined): Promise<void> {
  const answer = said ?? (await typed(`${what} Type their number to go on: `));
  if (answer === undefined) throw new Ended(EXIT.declined, `${what} Nobody is here to be asked: say --number ${number}. Nothing was done.`);
  if (answer === null) throw new Ended(EXIT.declined, 'Nothing was done.');
  if (answer !== String(number)) throw new Ended(EXIT.declined, `There are ${number}, not ${answer || 'none'}. Nothing was done.`);
}
