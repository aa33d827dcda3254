import { Command, InvalidArgumentError, Option } from 'commander';
import { parse as parseYaml } from 'yaml';
import { bundledRecipes, formatConfig, loadRecipe, mergeConfig, } from "../config/load.js";
import { ConfigError, parseConfig } from "../config/parse.js";
import { consoleLog } from "../log/console.js";
import { profileStep } from "../profile-step.js";
import { resumeTraining, train } from "../train.js";
import { addConfigFlags, nest } from "./flags.js";
import { formatProfile } from "./format-profile.js";
import { createPrinter } from "./printer.js";
import { stopOnSignals } from "./signals.js";
function parseSetting(text) {
    const [name, ...rest] = text.split('=');
    if (!name || rest.length === 0)
        throw new InvalidArgumentError(`expected name=value, got '${text}'.`);
    return nest(name, parseYaml(rest.join('=')));
}
function summarize(result, print) {
    const { finished, evaluation, best, imagesPerSecond, runFolder, step, totalSteps } = result;
    if (best)
        print(`*** Best metric: ${best.top1.toFixed(2)} (epoch ${best.epoch})`);
    if (!finished) {
        print(`Interrupted after step ${step} of ${totalSteps}. Go on with: bag-of-tricks train --resume ${runFolder}`);
        return;
    }
    if (evaluation)
        print(`Top-1 accuracy: ${evaluation.top1.toFixed(2)} %`);
    if (imagesPerSecond > 0)
        print(`Throughput: ${imagesPerSecond.toFixed(1)} img/s`);
    print(`Run folder: ${runFolder}`);
}
/** `bag-of-tricks train`: recipe file, then flags over it, then the run. */
export function trainCommand() {
    const settings = [];
    const command = new Command('train')
        .description('train a network by the recipe, or go on with an interrupted run')
        .addOption(new Option('-c, --config <recipe>', `a YAML file, or a recipe of ours: ${bundledRecipes().join(', ')}`))
        .addOption(new Option('--resume <run folder>', 'go on with an interrupted run from its last checkpoint'))
        .addOption(new Option('--print-config', 'print the resolved configuration and stop'));
    command.addOption(new Option('--profile', 'print where the time of one step goes, and stop'));
    addConfigFlags(command, (setting) => settings.push(setting));
    command.addOption(new Option('--set <name=value>', 'any setting by its name in the recipe, e.g. mixup.alpha=0.4; may be repeated').argParser(parseSetting));
    command.on('option:set', (text) => settings.push(parseSetting(text)));
    command.action(async (options) => {
        if (options.resume !== undefined) {
            if (options.config !== undefined || settings.length > 0) {
                throw new ConfigError('--resume goes on with the configuration of the run; expected no other setting beside it. Start a new run to change one');
            }
            return run((hooks) => resumeTraining(options.resume, hooks), 50);
        }
        const recipe = options.config === undefined ? {} : loadRecipe(options.config);
        const config = parseConfig(settings.reduce(mergeConfig, recipe));
        if (options.printConfig) {
            process.stdout.write(formatConfig(config));
            return;
        }
        if (options.profile) {
            const print = (line) => process.stdout.write(`${line}\n`);
            const profile = await profileStep(config, { onProgress: print });
            for (const line of formatProfile(profile))
                print(line);
            return;
        }
        return run((hooks) => train(config, hooks), config.logInterval);
    });
    return command;
}
async function run(start, logInterval) {
    const printer = createPrinter();
    const { signal, exitCode } = stopOnSignals(printer.print);
    const result = await start({
        hooks: [consoleLog(printer.print, { logInterval }), printer.hooks],
        signal,
        onProgress: printer.print,
    });
    summarize(result, printer.print);
    printer.close();
    if (!result.finished)
        process.exitCode = exitCode();
}
//# sourceMappingURL=train-command.js.map