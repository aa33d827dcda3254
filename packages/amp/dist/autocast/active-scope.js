let active;
/** The scope of the `autocast` call that runs, if one does. */
export function activeScope() {
    return active;
}
/** Makes `scope` the active one while `action` runs. */
export function withScope(scope, action) {
    active = scope;
    try {
        return scope.run(action);
    }
    finally {
        active = undefined;
    }
}
//# sourceMappingURL=active-scope.js.map