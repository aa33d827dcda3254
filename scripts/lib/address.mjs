// What a published package says of where it comes from: one address, in the package.json of the root, for all.
import { posix } from 'node:path';

/**
 * The fields `homepage`, `bugs` and `repository` of a package in `folder`, such as `packages/mixup`.
 * @param {{ homepage?: string, bugs?: string, repository?: string }} root the manifest of the root
 * @param {string} folder
 */
export function addressFields({ homepage, bugs, repository }, folder) {
  const missing = Object.entries({ homepage, bugs, repository }).filter(([, value]) => !value);
  if (missing.length > 0) {
    throw new Error(
      `release: expected ${missing.map(([name]) => name).join(', ')} in the package.json of the root, got none. ` +
        'Write down where the repository is before anything is published: npm shows it on every package.',
    );
  }
  return { homepage, bugs, repository: { type: 'git', url: repository, directory: folder } };
}

/**
 * A README whose relative links lead to the repository, as a package page needs them.
 * @param {string} markdown
 * @param {string} homepage
 * @param {string} folder
 */
export function withWholeLinks(markdown, homepage, folder) {
  return markdown.replaceAll(
    /\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)/g,
    (_, path, anchor = '') => {
      return `](${homepage}/blob/HEAD/${posix.join(folder, path)}${anchor})`;
    },
  );
}
