/** Bans that the API doubts: whoever asked for one is asked whether it is meant. */
import type { Tools } from './asks';
import { Ended } from './ending';
import { harmless } from './show';

/** Asks for something that is perhaps not meant: where the API doubts it they are asked, once, and it is asked for again. Throws Ended. */
export function doubted(
  { confirmed }: Pick<Tools, 'confirmed'>,
  where: string,
): <T>(ask: (more: { readonly confirmed?: true }) => Promise<T>) => Promise<T> {
  let sure = {};
  return async (ask) => {
    try {
      return await ask(sure);
    } catch (error) {
      if (!(error instanceof Ended) || error.problem?.code !== 'unconfirmed') throw error;
      const { doubts } = error.problem;
      const told = Array.isArray(doubts) ? doubts.map((one) => harmless(String(one))).join(' ') : error.message;
      await confirmed(`${told} They will be banned in ${where}.`);
      sure = { confirmed: true };
      return ask(sure);
    }
  };
}
