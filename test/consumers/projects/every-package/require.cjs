// CommonJS: every package of ours that is installed here can be required.
const assert = require('node:assert/strict');
const { dependencies } = require('./package.json');

const names = Object.keys(dependencies).filter((one) => one.startsWith('@bag-of-tricks/'));
for (const name of names) assert.ok(Object.keys(require(name)).length > 0, name);
const { cosineDecay } = require('@bag-of-tricks/lr-schedules');
assert.equal(cosineDecay({ peak: 1, steps: 2 })(1), 0.5);
console.log(`${names.length} packages can be required`);
