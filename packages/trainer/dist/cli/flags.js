import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { settingAt } from "../config/schema.js";
import { flagTable } from "./flag-table.js";
function parseNumber(text) {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) {
        throw new InvalidArgumentError(`expected a number, got '${text}'.`);
    }
    return value;
}
/** How the text of a flag becomes the type of its setting; what range it must have, the schema says later. */
function parserOf(setting) {
    if (setting instanceof z.ZodNumber)
        return parseNumber;
    // A number or a word: what is neither stays as it is, for the schema to refuse.
    if (setting instanceof z.ZodUnion)
        return (text) => (Number.isNaN(Number(text)) ? text : parseNumber(text));
    if (setting instanceof z.ZodArray)
        return (text) => text.split(',').map(parseNumber);
    return undefined;
}
/** The configuration that sets the dotted `path` to `value` and nothing else. */
export function nest(path, value) {
    return path
        .split('.')
        .reduceRight((inner, key) => ({ [key]: inner }), value);
}
/** Add the configuration flags to a command; `onSetting` gets each one given, in the order of the command line. */
export function addConfigFlags(command, onSetting) {
    for (const [heading, flags] of Object.entries(flagTable)) {
        for (const flag of flags) {
            const { description, type } = settingAt(flag.path);
            const option = new Option(flag.flags, 'value' in flag ? flag.description : description);
            option.helpGroup(heading);
            const parse = 'value' in flag ? undefined : parserOf(type);
            if (parse)
                option.argParser(parse);
            else if (!('value' in flag) && type instanceof z.ZodEnum)
                option.choices(type.options.map(String));
            command.addOption(option);
            // commander would take --no-bias-decay for the negation of --bias-decay: the event tells them apart.
            command.on(`option:${option.name()}`, (text) => {
                onSetting(nest(flag.path, 'value' in flag ? flag.value : (parse?.(text) ?? text)));
            });
        }
    }
}
//# sourceMappingURL=flags.js.map