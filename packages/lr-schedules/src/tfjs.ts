export { type ScheduleCallback, scheduleCallback } from './tfjs/scheduleCallback.ts';
export { setLearningRate } from './tfjs/setLearningRate.ts';
