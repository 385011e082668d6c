/** Every route of the API. Whoever adds routes adds them here: they are checked, documented and guarded as the others. */
import { documented } from './openapi';
import type { Route } from './route';
import { reading } from './routes/archive';
import { backups } from './routes/backups';
import { governing } from './routes/governing';
import { hats } from './routes/hats';
import { inMany } from './routes/many';
import { moderating } from './routes/moderating';
import { posting } from './routes/posting';
import { looking } from './routes/rooms';
import { service } from './routes/service';
import { tokens } from './routes/tokens';
import { transferring } from './routes/transfer';
import { watching } from './routes/watching';

const acts: readonly Route[] = [
  ...service,
  ...watching,
  ...looking,
  ...governing,
  ...moderating,
  ...hats,
  ...reading,
  ...inMany,
  ...posting,
  ...tokens,
  ...backups,
  ...transferring,
];

export const ROUTES: readonly Route[] = [...acts, documented(() => ROUTES)];
