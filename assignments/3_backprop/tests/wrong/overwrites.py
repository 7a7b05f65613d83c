# ruff: noqa
# score: 37
# q10: it has overwritten the first
def backward(last):
    order, seen, todo = [], set(), [(last, False)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo += [(node, True)] + [(parent, False) for parent in node.parents]
    last.grad = np.ones_like(last.data)
    for node in reversed(order):
        if node.parents:
            for parent, g in zip(node.parents, node.pull(node.grad)):
                parent.grad = g
