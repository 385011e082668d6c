/** Notices that wait go out by a few a second (`room/talking/notice-queue.ts`). */
import type { Feature } from '../../room/contract/feature';
import { nextSlice, noticeRows, sendSlice } from '../../room/talking/notice-queue';

export const noticeQueue: Feature = { name: 'notices', rows: noticeRows, deadline: nextSlice, due: sendSlice };
