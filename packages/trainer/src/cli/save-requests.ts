let requested = false;
let print: (line: string) => void = () => {};

/** From here on SIGUSR1 asks for a checkpoint, which is made once there is something to save. */
export function hearSaveRequests(): void {
  process.on('SIGUSR1', () => {
    requested = true;
    print('SIGUSR1: saving after this step, then going on');
  });
}

/** Says by `print` when a checkpoint is asked for; the function that is returned says, once for each request, whether one is due. */
export function saveOnRequest(say: (line: string) => void): () => boolean {
  print = say;
  return () => {
    const due = requested;
    requested = false;
    return due;
  };
}
