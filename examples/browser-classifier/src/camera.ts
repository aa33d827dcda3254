/** The camera of a phone's back, or the only one; each frame is looked at before the next is taken. */
export function openCamera(video: HTMLVideoElement, look: () => Promise<void>) {
  let stream: MediaStream | null = null;
  let asked = 0;
  const stop = () => {
    asked++;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
  };
  return {
    stop,
    get isRunning() {
      return stream !== null;
    },
    /** Until it is stopped. @throws Error - when there is no camera, or the user does not allow it. */
    async run(): Promise<void> {
      const turn = ++asked;
      const own = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 640 } },
      });
      // It was stopped, or asked for again, while the user was asked.
      if (turn !== asked) {
        for (const track of own.getTracks()) track.stop();
        return;
      }
      stream = own;
      video.srcObject = own;
      await video.play();
      while (stream === own) {
        await look();
        await new Promise(requestAnimationFrame);
      }
    },
  };
}
