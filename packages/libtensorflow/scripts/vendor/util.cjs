// Stands in for Node's util inside the bundle. Node 23 removed these two, Node 22 warns of them, and
// tfjs-node-gpu's kernels use nothing else of it.
exports.isNullOrUndefined = (value) => value === null || value === undefined;
exports.isArray = Array.isArray;
