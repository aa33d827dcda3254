/** Gives files that are dropped on a frame, or chosen by the input in it, to `use`. A drop beside it would leave the page, and does nothing. */
export function takeFiles(frame: HTMLElement, use: (files: readonly File[]) => void): void {
  const input = frame.querySelector<HTMLInputElement>('input[type=file]')!;
  const give = (files: FileList | null | undefined) => {
    if (files?.length) use([...files]);
  };
  input.onchange = () => {
    give(input.files);
    // The same file may be chosen again.
    input.value = '';
  };
  window.ondragover = (event) => event.preventDefault();
  window.ondrop = (event) => event.preventDefault();
  frame.ondragenter = () => frame.classList.add('over');
  frame.ondragleave = () => frame.classList.remove('over');
  frame.ondrop = ({ dataTransfer }) => {
    frame.classList.remove('over');
    give(dataTransfer?.files);
  };
}
