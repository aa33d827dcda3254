import { runCommand } from './command.ts';

/** The NVIDIA cards that `nvidia-smi` lists, or why they cannot be listed. */
export async function nvidiaGpus(
  env: NodeJS.ProcessEnv,
): Promise<readonly string[] | { readonly reason: string }> {
  try {
    const { code, stdout, stderr } = await runCommand('nvidia-smi', ['-L'], {
      env,
      timeoutMs: 20_000,
    });
    const cards = stdout.split(/\r?\n/).filter((line) => line.startsWith('GPU '));
    if (code === 0 && cards.length > 0) return cards;
    return { reason: (stderr.trim() || stdout.trim()).split(/\r?\n/)[0] || `exit code ${code}` };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { reason: isMissing ? 'nvidia-smi is not on the PATH' : 'nvidia-smi does not answer' };
  }
}
