import { type Classifier, loadClassifier, type Picture } from '@bag-of-tricks/classifier';
import { startWasm } from '@bag-of-tricks/classifier/wasm';
// With the gradients, and the backends cpu and webgl.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { showBars } from '../../shared/src/bars.ts';
import { openCamera } from '../../shared/src/camera.ts';
import { takeFiles } from '../../shared/src/take-files.ts';
import { openClassList, type TaughtClass } from './class-list.ts';
import { loadLesson, saveLesson, type Trained } from './lesson.ts';
import { plainly } from './plainly.ts';
import { predict, type Training, trainHead } from './train-head.ts';

const find = <Found extends Element>(selector: string) => document.querySelector<Found>(selector)!;
const button = (id: string) => find<HTMLButtonElement>(`#${id}`);
const video = find<HTMLVideoElement>('video');
const progress = find<HTMLProgressElement>('progress');
const curves = find<SVGElement>('svg');
const status = find<HTMLParagraphElement>('[role=status]');
const bars = find<HTMLOListElement>('ol');

function tell(text: string): void {
  status.textContent = text;
  const { numTensors } = tf.memory();
  find('#backend').textContent =
    `It computes on ${tf.getBackend()} and holds ${numTensors} tensors.`;
}

const wasmFolder = new URL('wasm/', document.baseURI).href;

/** The fastest backend that this browser has, or the one that the address names behind `?backend=`. */
async function chooseBackend(): Promise<void> {
  const named = new URLSearchParams(location.search).get('backend');
  for (const name of named ? [named] : ['webgpu', 'webgl', 'wasm', 'cpu']) {
    const started = name === 'wasm' ? startWasm(wasmFolder) : tf.setBackend(name);
    if (await started.catch(() => false)) return;
  }
  throw new Error(`This browser does not have the backend ${named}.`);
}

/** Adds a step to the curves. Each spans its range: the loss of guessing is their top, and so are all pictures right. */
function draw({ step, steps, loss, accuracy }: Training, numClasses: number): void {
  progress.value = step / steps;
  const heights = { loss: loss / Math.log(numClasses), accuracy };
  for (const [name, height] of Object.entries(heights)) {
    const line = find(`polyline.${name}`);
    const point = `${(200 * step) / steps},${(60 * (1 - Math.min(height, 1))).toFixed(1)}`;
    line.setAttribute('points', `${line.getAttribute('points') ?? ''} ${point}`);
  }
}

/** Why these classes cannot be trained yet; null when they can. */
function whyNot(classes: readonly TaughtClass[]): string | null {
  if (classes.length < 2) return 'It takes two classes or more to tell apart. Add another one.';
  const names = classes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) return `Two classes are called ${twice}. Give one of them another name.`;
  const empty = classes.find(({ features }) => features.length === 0);
  if (empty) return `${empty.name} has no pictures. Drop some on it, or take some by the camera.`;
  return null;
}

/** Trains a head for the classes, and tells how it goes. */
async function train(classes: readonly TaughtClass[]): Promise<Trained> {
  curves.removeAttribute('hidden');
  find('polyline.accuracy').removeAttribute('points');
  // The weights begin with 0, which is guessing.
  find('polyline.loss').setAttribute('points', '0,0');
  const examples = classes.map(({ features }) => features);
  const head = await trainHead(examples, {
    seed: 1,
    async onStep(training) {
      draw(training, classes.length);
      const { step, steps, loss, accuracy } = training;
      const right = `${(100 * accuracy).toFixed(0)} % of the pictures right`;
      tell(`Step ${step} of ${steps}: loss ${loss.toFixed(2)}, ${right}`);
      // Lets the browser draw.
      await new Promise((done) => setTimeout(done));
    },
  });
  return { names: classes.map(({ name }) => name), head };
}

function disableButtons(disabled: boolean): void {
  for (const one of document.querySelectorAll('button')) one.disabled = disabled;
}

/** Does one thing after the other: until it is done, no button works. */
async function alone(act: () => unknown): Promise<void> {
  disableButtons(true);
  try {
    await act();
  } catch (error) {
    tell(plainly(error));
  }
  disableButtons(false);
}

function openPage(classifier: Classifier): void {
  // By its files: another training of the same name sees something else in a picture.
  const network = `${classifier.description.model} ${JSON.stringify(classifier.sha256)}`;
  let trained: Trained | null = null;
  const use = (next: Trained | null) => {
    if (trained) tf.dispose([trained.head.weights, trained.head.bias]);
    trained = next;
    bars.replaceChildren();
  };
  const featuresOf = async (picture: Picture, name: string) => {
    try {
      return await classifier.features(picture);
    } catch (error) {
      tell(plainly(error, name));
      return null;
    }
  };
  const classes = openClassList(find('#classes'), { featuresOf, tell, video });
  /** Shows what a picture is. @returns whether it could be read. */
  const show = async (picture: Picture, name: string) => {
    const features = await featuresOf(picture, name);
    if (!features || !trained) return features !== null;
    const { names, head } = trained;
    const probabilities = await predict(head, features);
    showBars(
      bars,
      names.map((name, index) => ({ name, index, probability: probabilities[index]! })),
    );
    return true;
  };
  takeFiles(find('#try'), async ([file]) => {
    if (!trained) return tell('Train first: there is nothing yet to tell pictures apart by.');
    tell(`Looking at ${file!.name}`);
    if (await show(file!, file!.name)) tell(file!.name);
  });
  openCamera(button('use-camera'), video, {
    look: async () => void (await show(video, 'What the camera shows')),
    onChange: (isRunning) => document.body.classList.toggle('camera', isRunning),
    onError: (error) => tell(plainly(error)),
  });
  const actions: Readonly<Record<string, () => unknown>> = {
    add: classes.add,
    async train() {
      const taught = classes.taught();
      const problem = whyNot(taught);
      if (problem) return tell(problem);
      use(await train(taught));
      tell(status.textContent);
    },
    async save() {
      if (!trained) return tell('Train first, then save.');
      await saveLesson(network, { classes: classes.taught(), trained });
      tell('Saved in this browser');
    },
    async load() {
      const lesson = await loadLesson(network);
      classes.replace(lesson.classes);
      use(lesson.trained);
      tell(`Loaded ${lesson.trained.names.join(', ')}`);
    },
    anew() {
      classes.empty();
      use(null);
      tell('Ready');
    },
  };
  for (const [id, act] of Object.entries(actions)) button(id).onclick = () => alone(act);
}

async function start(): Promise<void> {
  await chooseBackend();
  const folder = new URLSearchParams(location.search).get('model') ?? 'exported';
  const classifier = await loadClassifier(folder, {
    maxPixels: 50_000_000,
    onProgress: ({ loaded, total }) => {
      progress.value = loaded / total;
    },
  });
  await classifier.warmUp();
  progress.value = 0;
  openPage(classifier);
  disableButtons(false);
  tell('Ready');
}

disableButtons(true);
start().catch((error) => tell(plainly(error)));
