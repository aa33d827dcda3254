import { escapeHtml, htmlPage } from '../page.ts';
import type { Confusion } from './confusion.ts';

/** An image that was taken for another class. */
export interface Mistake {
  /** Its file, or what else the dataset calls it. */
  readonly image: string;
  readonly label: number;
  readonly predicted: number;
  /** Of the class that it was taken for, in [0, 1]. */
  readonly probability: number;
  /** Of its own class, in [0, 1]. */
  readonly ownProbability: number;
  /** The picture as the network saw it, as a JPEG. */
  readonly jpeg: Uint8Array;
}

/** What an evaluation found. */
export interface EvaluationContent {
  readonly title: string;
  /** What is known of it in figures, by its name. */
  readonly facts: Readonly<Record<string, string>>;
  readonly confusion: Confusion;
  /** The worst first. */
  readonly mistakes: readonly Mistake[];
}

const style = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; } dt { opacity: .7; } dd { margin: 0; font-size: 1.2em; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 1rem; }
figure { margin: 0; overflow-wrap: anywhere; } img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: auto; }
figcaption small { opacity: .7; display: block; } svg { max-width: 100%; height: auto; }
`;

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The contact sheet of the worst mistakes: one page that needs nothing else. */
export function mistakesPage(
  { title, facts, confusion: { classNames }, mistakes }: EvaluationContent,
  svg: string,
): string {
  const name = (index: number) => escapeHtml(classNames[index]!);
  const figure = ({ jpeg, image, label, predicted, probability, ownProbability }: Mistake) =>
    `<figure><img alt="" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}">
<figcaption>${name(label)} (${percent(ownProbability)})<br>taken for <b>${name(predicted)}</b> (${percent(probability)})<small>${escapeHtml(image)}</small></figcaption></figure>`;
  const body = `<h2>Confusion</h2>
${svg}
<h2>The worst mistakes</h2>
<p>${mistakes.length === 0 ? 'None: every image is right.' : 'As the network saw them; those whose own class it held least probable come first.'}</p>
<main>
${mistakes.map(figure).join('\n')}
</main>`;
  return htmlPage({ title, facts, style, body });
}
