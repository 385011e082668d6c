/** `parlour/plugin`: everything that a plug-in imports from Parlour. Other modules may change at any time; this one only with API_VERSION. */
export * from './plugins/api';
export type * from './plugins/api-events';
export type * from './plugins/api-hooks';
export type * from './plugins/api-queries';
export type * from './plugins/api-room';
export * from './plugins/markup';
export { z } from 'zod';
