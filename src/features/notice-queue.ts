/** Notices that wait go out by a few a second (`room/notice-queue.ts`). */
import type { Feature } from '../room/feature';
import { nextSlice, sendSlice } from '../room/notice-queue';

export const noticeQueue: Feature = { name: 'notices', deadline: nextSlice, due: sendSlice };
