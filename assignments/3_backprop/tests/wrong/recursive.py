# ruff: noqa
# score: 38
# q10: A graph can be deeper than Python lets a function call itself
def backward(last):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(last)
    last.grad = np.ones_like(last.data)
    for node in reversed(order):
        if node.parents:
            for parent, g in zip(node.parents, node.pull(node.grad)):
                parent.grad = parent.grad + g
