export interface CameraOptions {
  /** Called with a frame in the video; the next is taken when it has returned. */
  readonly look: () => Promise<void>;
  /** Called when it shows something, and when it was stopped. */
  readonly onChange?: (isRunning: boolean) => void;
  /** When there is no camera, the user does not allow it, or `look` fails. */
  readonly onError: (error: unknown) => void;
}

/** A button that starts and stops the camera of a phone's back, or the only one. Returns what stops it. */
export function openCamera(
  button: HTMLButtonElement,
  video: HTMLVideoElement,
  { look, onChange = () => {}, onError }: CameraOptions,
): () => void {
  // From the click on, also while the user is asked.
  let current: { stream?: MediaStream } | null = null;
  const end = (stream?: MediaStream) => {
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const stop = () => {
    end(current?.stream);
    current = null;
    video.srcObject = null;
    button.textContent = 'Use the camera';
    onChange(false);
  };
  const run = async (own: { stream?: MediaStream }) => {
    if (!navigator.mediaDevices) {
      throw new Error('Cameras work on https: pages and on localhost only.');
    }
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 640 } },
    });
    if (current !== own) return end(stream);
    own.stream = stream;
    video.srcObject = stream;
    await video.play();
    onChange(true);
    while (current === own) {
      await look();
      await new Promise(requestAnimationFrame);
    }
  };
  button.onclick = async () => {
    if (current) return stop();
    const own = {};
    current = own;
    button.textContent = 'Stop the camera';
    await run(own).catch((error) => {
      if (current !== own) return;
      stop();
      onError(error);
    });
  };
  return stop;
}
