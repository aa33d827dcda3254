import type { ClassProbability } from '@bag-of-tricks/classifier';

/** A row a class: name, percent and a bar. */
export function showBars(list: HTMLOListElement, top: readonly ClassProbability[]): void {
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
