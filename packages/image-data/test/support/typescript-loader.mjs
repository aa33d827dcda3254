// `node --import` this: Node then runs TypeScript whose types can be erased.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
