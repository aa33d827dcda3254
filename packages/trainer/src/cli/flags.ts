import { type Command, InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { ownPart } from '../config/base-schema.ts';
import { chosenPaths } from '../config/choose-settings.ts';
import type { PartialConfig } from '../config/load.ts';
import { configSchema, type KnownTricks, kindOf, settingAt } from '../config/schema.ts';
import type { FlagTable } from './flag-table.ts';

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError(`expected a number, got '${text}'.`);
  }
  return value;
}

/** The number of a flag that counts something. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError(`expected an integer >= 1, got '${text}'.`);
  return value;
}

const elementOf = (setting: z.ZodType) => kindOf((setting as z.ZodArray<z.ZodType>).element);

/** How the text of a flag becomes the type of its setting; what range it must have, the schema says later. */
function parserOf(setting: z.ZodType): ((text: string) => unknown) | undefined {
  switch (kindOf(setting)) {
    case 'number':
      return parseNumber;
    case 'union':
      // A number or a word: what is neither stays as it is, for the schema to refuse.
      return (text) => (Number.isNaN(Number(text)) ? text : parseNumber(text));
    case 'array': {
      const parse: (text: string) => unknown =
        elementOf(setting) === 'string' ? (text) => text.trim() : parseNumber;
      return (text) => text.split(',').map(parse);
    }
    default:
      return undefined;
  }
}

/** The configuration that sets the dotted `path` to `value` and nothing else. */
export function nest(path: string, value: unknown): PartialConfig {
  return path
    .split('.')
    .reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as PartialConfig;
}

/** What the help says of the default of a setting that is chosen where no recipe is named. */
const chosenDefault = (path: string, standard: unknown) =>
  chosenPaths.some((chosen) => chosen === path)
    ? `chosen by the images; ${standard ?? 'theirs'} where a recipe is named`
    : undefined;

/** Add the configuration flags to a command; `onSetting` gets each one given, in the order of the command line. */
export function addConfigFlags(
  command: Command,
  { table, known }: { readonly table: FlagTable; readonly known: KnownTricks },
  onSetting: (setting: PartialConfig) => void,
): void {
  const schema = configSchema(known);
  for (const [heading, flags] of Object.entries(table)) {
    for (const flag of flags) {
      const { description, type, default: standard } = settingAt(schema, flag.path);
      const option = new Option(flag.flags, 'value' in flag ? flag.description : description);
      option.helpGroup(heading);
      // Only for the help: what a setting is by default, the schema says.
      if (!('value' in flag)) option.default(standard, chosenDefault(flag.path, standard));
      const parse = 'value' in flag ? undefined : parserOf(type);
      if (parse) option.argParser(parse);
      else if (!('value' in flag) && kindOf(type) === 'enum')
        option.choices(
          (type as z.ZodEnum).options.map(String).filter((choice) => choice !== ownPart),
        );
      command.addOption(option);
      // commander would take --no-bias-decay for the negation of --bias-decay: the event tells them apart.
      command.on(`option:${option.name()}`, (text: string) => {
        onSetting(nest(flag.path, 'value' in flag ? flag.value : (parse?.(text) ?? text)));
      });
    }
  }
}
