export { bundledRecipes, loadRecipe } from "./config/load.js";
export { ConfigError, parseConfig } from "./config/parse.js";
export { evaluate } from "./evaluate.js";
export { consoleLog, formatAccuracy } from "./log/console.js";
export { profileStep } from "./profile-step.js";
export { DivergenceError } from "./step/check-finite.js";
export { resumeTraining, train } from "./train.js";
//# sourceMappingURL=index.js.map