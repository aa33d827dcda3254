let requested = false;
let reply = () => {};

/** From here on SIGUSR1 asks for a checkpoint, which is made once there is something to save. */
export function hearSaveRequests(): void {
  process.on('SIGUSR1', () => {
    requested = true;
    reply();
  });
}

/** Says by `say` when a checkpoint is asked for, or, of all ranks but 0, who makes them; the function that is returned says, once for each request, whether one is due. */
export function saveOnRequest(say: (line: string) => void, rank = 0): () => boolean {
  reply = () =>
    say(
      rank === 0
        ? 'SIGUSR1: saving after this step, then going on'
        : `SIGUSR1: rank 0 saves, and not rank ${rank}: send it there`,
    );
  return () => {
    const due = requested;
    requested = false;
    return due;
  };
}
