export { bundle } from './bundle.ts';
export { type Browser, launchBrowser, openScript, type Page } from './launch-browser.ts';
export { type Served, serveFolders } from './serve-folders.ts';
