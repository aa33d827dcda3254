import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatConfig } from "../config/load.js";
function timestamp(now) {
    const two = (n) => String(n).padStart(2, '0');
    const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
    return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
/**
 * Create the folder of a new run, `<output>/<experiment>` or `<output>/<date>-<time>-<model>-<image size>`, with `args.yaml` in it.
 *
 * @throws Error when the experiment's folder exists: a run is never overwritten.
 */
export function createRunFolder(config, { imageSize, now }) {
    const name = config.experiment ?? `${timestamp(now)}-${config.model}-${imageSize}`;
    let folder = join(config.output, name);
    if (config.experiment && existsSync(folder)) {
        throw new Error(`run folder ${folder}: expected a new folder, it exists. Give another --experiment, or go on with --resume ${folder}`);
    }
    for (let n = 2; existsSync(folder); n++)
        folder = join(config.output, `${name}-${n}`);
    mkdirSync(join(folder, 'checkpoints'), { recursive: true });
    const header = `# bag-of-tricks train --config ${join(folder, 'args.yaml')}\n`;
    writeFileSync(join(folder, 'args.yaml'), header + formatConfig(config));
    return folder;
}
//# sourceMappingURL=folder.js.map