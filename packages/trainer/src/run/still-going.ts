/** The longest silence while work goes on, in seconds. */
const silence = 10;

/** What several processes wait for where all of them have to come. */
export const waitForOthers = 'The wait for the other processes';

/** Waits for work on another thread, such as a step of large images, and says now and then that it goes on. */
export async function stillGoing<Result>(
  name: string,
  work: Promise<Result>,
  say: (line: string) => void,
): Promise<Result> {
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += silence;
    say(`${name} goes on, ${seconds} s so far`);
  }, 1000 * silence);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
