import type { NamedVariables, ParameterGroup } from '@bag-of-tricks/optimizer';
import type { ParameterGroups, RateFactors } from '@bag-of-tricks/train-step';
import type { Variable } from '@tensorflow/tfjs-core';

/** Those of the parameters that `keep` wants, as a map or a list, as they were given. */
function filtered(
  { parameters, ...group }: ParameterGroup,
  keep: (variable: Variable) => boolean,
): ParameterGroup {
  if (Array.isArray(parameters)) return { ...group, parameters: parameters.filter(keep) };
  const entries = Object.entries(parameters as NamedVariables);
  return { ...group, parameters: Object.fromEntries(entries.filter(([, one]) => keep(one))) };
}

/** The groups of `grouping`, each split by what the learning rate of its parameters is multiplied by. */
export const splitByRate =
  (grouping: ParameterGroups, factors: RateFactors): ParameterGroups =>
  (parameters, options) => {
    const factorOf = new Map(
      Object.entries(parameters).map(([name, variable]) => [variable, factors[name] ?? 1]),
    );
    const distinct = [...new Set(factorOf.values())];
    return grouping(parameters, options).flatMap((group) =>
      distinct.map((rateFactor) => ({
        ...filtered(group, (variable) => factorOf.get(variable) === rateFactor),
        rateFactor,
      })),
    );
  };
