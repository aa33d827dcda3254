import {
  type Classifier,
  type ClassProbability,
  loadClassifier,
  type Picture,
} from '@bag-of-tricks/classifier';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { openCamera } from './camera.ts';

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

function show(top: readonly ClassProbability[]): void {
  list.replaceChildren(
    ...top.map(({ name, probability }) => {
      const row = document.createElement('li');
      for (const part of ['name', 'percent', 'bar']) {
        row.append(Object.assign(document.createElement('span'), { className: part }));
      }
      row.children[0]!.textContent = name;
      row.children[1]!.textContent = `${(100 * probability).toFixed(1)} %`;
      row.style.setProperty('--probability', String(probability));
      return row;
    }),
  );
}

/** Shows what is on a picture. @returns how long it took, in milliseconds. */
async function classify(classifier: Classifier, picture: Picture): Promise<number> {
  const start = performance.now();
  show(await classifier.classify(picture));
  return performance.now() - start;
}

function reveal(shown: Element | null): void {
  for (const one of [hint, image, video]) one.toggleAttribute('hidden', one !== shown);
}

async function start(): Promise<void> {
  setWasmPaths(new URL('wasm/', document.baseURI).href);
  // On an isolated page it would start threads from its own code as text, which a minifier has changed: they never begin.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
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

  const camera = openCamera(video, async () => {
    const time = await classify(classifier, video);
    status.textContent = `${(1000 / time).toFixed(0)} pictures a second`;
  });
  const stop = () => {
    camera.stop();
    button.textContent = 'Use the camera';
  };

  const use = async (file: File | undefined) => {
    if (!file) return;
    stop();
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(file);
    reveal(image);
    list.replaceChildren();
    status.textContent = `Looking at ${file.name}`;
    try {
      const time = await classify(classifier, file);
      status.textContent = `${file.name}, ${time.toFixed(0)} ms`;
    } catch (error) {
      tell(error);
    }
  };
  input.onchange = () => use(input.files?.[0]);
  // A drop beside the frame would leave the page.
  window.ondragover = (event) => event.preventDefault();
  window.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    void use(event.dataTransfer?.files[0]);
  };
  drop.ondragenter = () => drop.classList.add('over');
  drop.ondragleave = () => drop.classList.remove('over');

  button.onclick = async () => {
    if (camera.isRunning) {
      stop();
      return;
    }
    reveal(video);
    button.textContent = 'Stop the camera';
    await camera.run().catch(tell);
    stop();
  };
}

start().catch(tell);
