/** Every route of the API. Whoever adds routes adds them here: they are checked, documented and guarded as the others. */
import type { Route } from './route';
import { looking } from './routes/rooms';
import { service } from './routes/service';
import { watching } from './routes/watching';

export const ROUTES: readonly Route[] = [...service, ...watching, ...looking];
