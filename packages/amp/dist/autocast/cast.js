/** Casts the tensor of an id; the result is the caller's to delete. */
export function cast(binding, id, from, to) {
    const attributes = [
        { name: 'SrcT', type: binding.TF_ATTR_TYPE, value: from },
        { name: 'DstT', type: binding.TF_ATTR_TYPE, value: to },
        { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false },
    ];
    return binding.executeOp('Cast', attributes, [id], 1)[0].id;
}
//# sourceMappingURL=cast.js.map