export { type ScheduleCallback, scheduleCallback } from './tfjs/schedule-callback.ts';
export { setLearningRate } from './tfjs/set-learning-rate.ts';
