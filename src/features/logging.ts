/** Whether discussions are logged to a public archive (`muc#roomconfig_enablelogging`; §7.2.12, §10.2.1). */
import { inWords } from '../words';
import { booleanOption } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import { STATUS } from '../room/occupants/status';

const option = booleanOption({ var: 'muc#roomconfig_enablelogging', label: inWords('labelLogging'), initial: false });

export const logging: Feature = {
  name: 'logging',
  options: [option],
  entryCodes: (options) => (options.get(option) ? [STATUS.loggingEnabled] : []),
  configured: (_before, after) => [after.get(option) ? STATUS.loggingEnabled : STATUS.loggingDisabled],
};
