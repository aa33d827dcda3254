import { type Classifier, loadClassifier, type Picture } from '@bag-of-tricks/classifier';
import { startWasm } from '@bag-of-tricks/classifier/wasm';
import { showBars } from '../../shared/src/bars.ts';
import { openCamera } from '../../shared/src/camera.ts';
import { takeFiles } from '../../shared/src/take-files.ts';

const find = <Found extends Element>(selector: string) => document.querySelector<Found>(selector)!;
const drop = find<HTMLLabelElement>('.drop');
const input = find<HTMLInputElement>('input');
const hint = find<HTMLSpanElement>('.hint');
const image = find<HTMLImageElement>('img');
const video = find<HTMLVideoElement>('video');
const button = find<HTMLButtonElement>('button');
const progress = find<HTMLProgressElement>('progress');
const status = find<HTMLParagraphElement>('[role=status]');
const list = find<HTMLOListElement>('ol');

const tell = (error: unknown) => {
  status.textContent = error instanceof Error ? error.message : String(error);
};

/** Shows what is on a picture. @returns how long it took, in milliseconds. */
async function classify(classifier: Classifier, picture: Picture): Promise<number> {
  const start = performance.now();
  showBars(list, await classifier.classify(picture));
  return performance.now() - start;
}

function reveal(shown: Element | null): void {
  for (const one of [hint, image, video]) one.toggleAttribute('hidden', one !== shown);
}

async function start(): Promise<void> {
  await startWasm(new URL('wasm/', document.baseURI).href);
  const folder = new URLSearchParams(location.search).get('model') ?? 'exported';
  const classifier = await loadClassifier(folder, {
    onProgress: ({ loaded, total }) => {
      progress.value = loaded / total;
    },
  });
  await classifier.warmUp();
  progress.hidden = true;
  status.textContent = `${classifier.description.model} is ready`;
  input.disabled = false;
  button.disabled = false;

  const stop = openCamera(button, video, {
    async look() {
      const time = await classify(classifier, video);
      status.textContent = `${(1000 / time).toFixed(0)} pictures a second`;
    },
    onChange: (isRunning) => isRunning && reveal(video),
    onError: tell,
  });

  takeFiles(drop, async ([file]) => {
    stop();
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(file!);
    reveal(image);
    list.replaceChildren();
    status.textContent = `Looking at ${file!.name}`;
    try {
      const time = await classify(classifier, file!);
      status.textContent = `${file!.name}, ${time.toFixed(0)} ms`;
    } catch (error) {
      tell(error);
    }
  });
}

start().catch(tell);
