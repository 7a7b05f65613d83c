"""Assignment 7: what is asked, what is right, what usually goes wrong."""

import functools

import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Attention and a tiny GPT", minutes=90)
ask = assignment.question


def some(rng, *shape):
    return np.round(rng.normal(0, 1, shape), 2)


def apart(right, wrongs, least):
    """Whether each wrong answer lies at least so far from the right one that nobody's rounding bridges it."""
    return all(np.max(np.abs(np.subtract(wrong, right))) >= least for wrong in wrongs)


def softmax(scores):
    shares = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return shares / np.sum(shares, axis=-1, keepdims=True)


# By hand


def two_keys(rng):
    """A query of four whole numbers and two keys, whose scores are neither equal nor one-sided."""
    while True:
        numbers = {name: [int(n) for n in rng.integers(0, 4, 4)] for name in ("query", "key_1", "key_2")}
        scores = [np.dot(numbers["query"], numbers[key]) for key in ("key_1", "key_2")]
        right = two_shares.answer(**numbers)
        if min(scores) > 0 and 2 <= abs(scores[0] - scores[1]) <= 4:
            if apart(right, [wrong(**numbers) for wrong, _ in two_shares.mistakes], 0.02):
                return numbers


def shares_of(divisor):
    def shares(query, key_1, key_2):
        return softmax(np.array([key_1, key_2]) @ np.array(query) / divisor).tolist()

    return shares


@ask("q1", "shares_q1", "Who is asked, by hand", constants=two_keys)
def two_shares(query, key_1, key_2):
    better = np.dot(query, np.subtract(key_1, key_2)) / 2
    return [float(1 / (1 + np.exp(-better))), float(1 / (1 + np.exp(better)))]


two_shares.check("the two shares", 2, says="Score, divide, take powers of e, divide by their sum.", atol=1e-3)
two_shares.mistake("The scores were not divided: a query of D numbers asks for a division by √D.")(shares_of(1))
two_shares.mistake("The scores are divided by the root of the query's length, not by the length itself.")(shares_of(4))
two_shares.mistake("The two shares have changed places.")(lambda **numbers: two_shares.answer(**numbers)[::-1])
two_shares.mistake("The scores were shared out as they are: first comes e to the power of each.")(
    lambda query, key_1, key_2: [float(np.dot(query, k) / np.dot(query, np.add(key_1, key_2))) for k in (key_1, key_2)]
)
two_shares.mistake("All went to the better key: that is a hard dictionary, and attention is a soft one.")(
    lambda query, key_1, key_2: [float(share > 0.5) for share in two_shares.answer(query, key_1, key_2)]
)
two_shares.hints(
    "The score of a key is the sum of the products, query times key, number by number.",
    "Four numbers in the query: divide both scores by √4 = 2, then take e to the power of each.",
    "Each share is its power divided by the sum of the two powers, so together they make 1.",
)


def three_words(rng):
    """Scores and values of three words; a forgotten mask always shows."""
    while True:
        numbers = {"scores_q2": [int(n) for n in rng.permutation(4)[:3]]}
        numbers["values_q2"] = [int(n) for n in rng.permutation(np.arange(1, 21))[:3]]
        right = second_word.answer(**numbers)
        if apart(right, [wrong(**numbers) for wrong, _ in second_word.mistakes], 0.2):
            return numbers


@ask("q2", "blend_q2", "No looking ahead, by hand", constants=three_words)
def second_word(scores_q2, values_q2):
    first, second = np.exp(scores_q2[:2])
    return float((first * values_q2[0] + second * values_q2[1]) / (first + second))


TWO = "Two words are in sight, and they share out all."
second_word.check("what the second word takes away", 2, says=TWO, atol=6e-3)
second_word.mistake("The third word is still in sight: to the second word it has not been said yet.")(
    lambda scores_q2, values_q2: softmax(np.array(scores_q2)) @ values_q2
)
second_word.mistake("The third share was struck out after the softmax: what is left no longer sums to 1.")(
    lambda scores_q2, values_q2: softmax(np.array(scores_q2))[:2] @ values_q2[:2]
)
second_word.mistake("A score of 0 does not hide a word, for e⁰ = 1. Its score must be -∞.")(
    lambda scores_q2, values_q2: softmax(np.array([*scores_q2[:2], 0.0])) @ values_q2
)
second_word.mistake("A word sees itself, too.")(lambda scores_q2, values_q2: values_q2[0])
second_word.mistake("That is the word's own value; the first word is in sight as well.")(
    lambda scores_q2, values_q2: values_q2[1]
)
second_word.mistake("The two values got equal shares: the better score gets more.")(
    lambda scores_q2, values_q2: sum(values_q2[:2]) / 2
)
second_word.hints(
    "The second word sees the first and itself. Leave the third out as if it were not there.",
    "Shares of two: e to the power of each score, divided by the sum of the two. Then the blend of two values.",
)


# Attention


@ask("q3", "attention", "Attention, in code")
def attention(q, k, v):
    return np.einsum("ts,se->te", softmax(np.einsum("td,sd->ts", q, k) * q.shape[1] ** -0.5), v)


def asked(t, s, d, e, scale=1):
    return lambda rng: [scale * some(rng, t, d), some(rng, s, d), some(rng, s, e)]


def unsafe(q, k, v):
    powers = np.exp(q @ k.T / np.sqrt(q.shape[1]))
    return powers / powers.sum(axis=1, keepdims=True) @ v


attention.check("three queries, four keys", 2, asked(3, 4, 5, 2))
attention.check("one query, long keys", 1, asked(1, 6, 16, 3), hidden=True)
attention.check("a query that asks very loudly", 1, asked(4, 4, 4, 2, 2000), hidden=True)
attention.mistake("The scores are not divided by √D.")(lambda q, k, v: softmax(q @ k.T) @ v)
attention.mistake("The scores are divided by D; it should be its root.")(
    lambda q, k, v: softmax(q @ k.T / q.shape[1]) @ v
)
attention.mistake("The root is that of the number of keys; it should be that of their length.")(
    lambda q, k, v: softmax(q @ k.T / np.sqrt(len(k))) @ v
)
attention.mistake("The softmax runs down the columns: each query shares out 1 among the keys, so it runs along a row.")(
    lambda q, k, v: softmax(k @ q.T / np.sqrt(q.shape[1])).T @ v
)
attention.mistake("These are the shares; the blend of the values is still to come.")(
    lambda q, k, v: softmax(q @ k.T / np.sqrt(q.shape[1]))
)
attention.mistake("exp of a thousand runs over: take the largest score of each row away first.")(unsafe)
attention.hints(
    "`q @ k.T` holds all the scores at once, (T, S): a row for each query, a column for each key.",
    "Divide by the root of the length of a key; softmax along each row, `axis=1, keepdims=True`.",
    "The shares, (T, S), times the values, (S, E), make the blends: `shares @ v`.",
)


@ask("q4", "causal_weights", "The causal mask")
def causal_weights(scores):
    now = np.arange(scores.shape[-1])
    return softmax(np.where(now[:, None] >= now, scores, -np.inf))


def square(*shape, scale=1):
    return lambda rng: [scale * some(rng, *shape)]


def earlier(scores):
    return np.tri(scores.shape[-1])


def hides_itself(scores):
    return softmax(np.where(np.tri(scores.shape[-1], k=-1) > 0, scores, -np.inf))


def over_the_wrong_axis(scores):
    return np.swapaxes(softmax(np.swapaxes(np.where(earlier(scores) > 0, scores, -np.inf), -1, -2)), -1, -2)


causal_weights.check("four words", 1, square(4, 4))
causal_weights.check("two heads at once", 1, square(2, 5, 5))
causal_weights.check("a longer text", 1, square(3, 12, 12), hidden=True)
causal_weights.check("scores so large that they run over", 1, square(6, 6, scale=1000), hidden=True)
causal_weights.mistake("Nothing is hidden yet.")(softmax)
causal_weights.mistake("The mask came after the softmax: the rows no longer sum to 1.")(
    lambda scores: softmax(scores) * earlier(scores)
)
causal_weights.mistake("The other way round: hidden is what comes later, the triangle above the diagonal.")(
    lambda scores: softmax(np.where(earlier(scores).T > 0, scores, -np.inf))
)
causal_weights.mistake("A score of 0 still gets a share, for e⁰ = 1: hide with -np.inf.")(
    lambda scores: softmax(scores * earlier(scores))
)
causal_weights.mistake("A word sees itself, too; the first would have nothing to look at.")(hides_itself)
causal_weights.mistake("The softmax runs along the last axis, each row for itself.")(over_the_wrong_axis)
causal_weights.hints(
    "`np.triu(np.ones((T, T), bool), 1)` is True above the diagonal: where the key comes later than the query.",
    "`np.where(later, -np.inf, scores)` and then the softmax; with `axis=-1` it serves any number of axes in front.",
)


# Heads


@ask("q5", "split_heads", "Heads, taken apart")
def split_heads(x, h):
    return np.stack(np.split(x, h, axis=1))


def wide(t, d, h):
    return lambda rng: [some(rng, t, d), h]


split_heads.check("two heads", 1, wide(3, 4, 2))
split_heads.check("three heads", 1, wide(5, 12, 3))
split_heads.check("one head alone, and four of a longer text", 1, wide(7, 16, 4), hidden=True)
split_heads.mistake("The shape is right, but the words are mixed up: cut the columns first, then move that axis.")(
    lambda x, h: x.reshape(h, len(x), -1)
)
split_heads.mistake("Nearly: the axis of the heads must come first, (h, T, D/h).")(
    lambda x, h: x.reshape(len(x), h, -1)
)
split_heads.mistake("Each head gets neighbouring columns: head 1 the first D/h of them.")(
    lambda x, h: np.stack([x[:, i::h] for i in range(h)])
)
split_heads.hints(
    "Head 1 takes the first D/h columns of every word, head 2 the next ones.",
    "`x.reshape(T, h, D // h)` cuts each row into h pieces. Which two axes have to change places?",
    "`.swapaxes(0, 1)` brings the heads to the front. A loop over slices of columns is fine, too.",
)


@ask("q6", "merge_heads", "Heads, put together")
def merge_heads(y):
    return np.hstack(list(y))


merge_heads.check("two heads", 1, lambda rng: [some(rng, 2, 3, 4)])
merge_heads.check("four heads", 1, lambda rng: [some(rng, 4, 5, 4)], hidden=True)
merge_heads.mistake("The shape is right, but the words are mixed up: first move the axis of the heads, then reshape.")(
    lambda y: y.reshape(y.shape[1], -1)
)
merge_heads.mistake("The heads are put end to end, not added.")(lambda y: y.sum(axis=0))
merge_heads.mistake("The heads stand one below the other: put them side by side, along the last axis.")(
    lambda y: y.reshape(-1, y.shape[2])
)
merge_heads.hints("The reverse of q5, step by step.", "First `y.swapaxes(0, 1)`, shape (T, h, D/h); then a reshape.")


# What stands around it


@ask("q7", "layer_norm", "Layer normalisation")
def layer_norm(x, weight, bias, eps=1e-5):
    middle = np.mean(x, axis=1, keepdims=True)
    spread = np.mean((x - middle) ** 2, axis=1, keepdims=True)
    return weight * ((x - middle) * (spread + eps) ** -0.5) + bias


def words(t, d, scale=1):
    return lambda rng: [scale * some(rng, t, d) + scale, some(rng, d), some(rng, d)]


def equal_numbers(rng):
    return [np.repeat(some(rng, 3, 1), 4, axis=1), some(rng, 4), some(rng, 4)]


def normed(x, weight, bias, axis=1, ddof=0, inside=1e-5, outside=0.0, root=0.5):
    spread = x.var(axis=axis, keepdims=True, ddof=ddof)
    return (x - x.mean(axis=axis, keepdims=True)) / ((spread + inside) ** root + outside) * weight + bias


layer_norm.check("four words of six numbers", 2, words(4, 6))
layer_norm.check("a word whose numbers are all equal", 1, equal_numbers, hidden=True)
layer_norm.check("numbers so small that eps counts", 1, words(3, 8, 0.004), hidden=True)
layer_norm.mistake("Each word for itself: mean and variance run along a row, not down a column.")(
    lambda x, weight, bias: normed(x, weight, bias, axis=0)
)
layer_norm.mistake("The variance is the mean of the squares here: divide by D, not by D - 1.")(
    lambda x, weight, bias: normed(x, weight, bias, ddof=1)
)
layer_norm.mistake("Divide by the root of the variance, not by the variance itself.")(
    lambda x, weight, bias: normed(x, weight, bias, root=1)
)
layer_norm.mistake("eps is missing.")(lambda x, weight, bias: normed(x, weight, bias, inside=0))
layer_norm.mistake("eps belongs under the root, added to the variance.")(
    lambda x, weight, bias: normed(x, weight, bias, inside=0, outside=1e-5)
)
layer_norm.mistake("Scale and shift, weight and bias, are missing.")(lambda x, weight, bias: normed(x, 1, 0))
layer_norm.mistake("The bias is missing.")(lambda x, weight, bias: normed(x, weight, 0))
layer_norm.hints(
    "Per word: take its mean away, divide by the root of (its variance + eps), times weight, plus bias.",
    "`x.mean(axis=1, keepdims=True)`, (T, 1), fits against x, (T, D). The same for `x.var`.",
)


def gelu(z):
    """The same as in the notebook, for our own answers."""
    return z / (1 + np.exp(-2 * np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


@ask("q8", "feed_forward", "The feed-forward part")
def feed_forward(x, w1, b1, w2, b2):
    return np.einsum("th,dh->td", gelu(np.einsum("td,hd->th", x, w1) + b1), w2) + b2


def two_layers(t, d, wide):
    return lambda rng: [some(rng, t, d), some(rng, wide, d), some(rng, wide), some(rng, d, wide), some(rng, d)]


feed_forward.check("four words", 2, two_layers(4, 3, 5))
feed_forward.check("as wide as it is long", 1, two_layers(4, 4, 4), hidden=True)
feed_forward.mistake("A GELU bends here, not a ReLU: `gelu` stands above.")(
    lambda x, w1, b1, w2, b2: np.maximum(x @ w1.T + b1, 0) @ w2.T + b2
)
feed_forward.mistake("Nothing bends between the two layers, so they are one.")(
    lambda x, w1, b1, w2, b2: (x @ w1.T + b1) @ w2.T + b2
)
feed_forward.mistake("Only the first layer bends; the second ends as it is.")(
    lambda x, w1, b1, w2, b2: gelu(gelu(x @ w1.T + b1) @ w2.T + b2)
)
feed_forward.mistake("The weights have a row for each output, so it is `x @ w1.T`.")(
    lambda x, w1, b1, w2, b2: gelu(x @ w1 + b1) @ w2 + b2
)
feed_forward.mistake("The biases are missing.")(lambda x, w1, b1, w2, b2: gelu(x @ w1.T) @ w2.T)
feed_forward.mistake("The input is not added yet: that is the block's business.")(
    lambda x, w1, b1, w2, b2: x + gelu(x @ w1.T + b1) @ w2.T + b2
)
feed_forward.hints(
    "A layer, gelu, a layer. A layer is `x @ w.T + b`, as in assignment 1.",
    "`hidden = gelu(x @ w1.T + b1)`, (T, H); what is left is one line.",
)


# The whole


def attended(x, p, h, see=causal_weights.answer, root=True):
    """Attention with heads, from the weights of a block."""
    each = np.split(x @ p["attention.qkv.weight"].T + p["attention.qkv.bias"], 3, axis=1)
    q, k, v = (split_heads.answer(z, h) for z in each)
    scores = np.einsum("htd,hsd->hts", q, k) / (np.sqrt(q.shape[2]) if root else np.sqrt(x.shape[1]))
    joined = merge_heads.answer(np.einsum("hts,hsd->htd", see(scores), v))
    return np.einsum("td,ed->te", joined, p["attention.proj.weight"]) + p["attention.proj.bias"]


def first_norm(x, p):
    return layer_norm.answer(x, p["norm1.weight"], p["norm1.bias"])


def second_norm(x, p):
    return layer_norm.answer(x, p["norm2.weight"], p["norm2.bias"])


def widened(x, p):
    return feed_forward.answer(x, *(p[f"mlp.{i}.{kind}"] for i in (0, 2) for kind in ("weight", "bias")))


@ask("q9", "block", "A Transformer block")
def block(x, weights, h):
    between = x + attended(first_norm(x, weights), weights, h)
    return between + widened(second_norm(between, weights), weights)


def weights_of_a_block(rng, d):
    """As many numbers as a block needs, of a size that leaves the shares of attention uneven."""
    shapes = {"attention.qkv": (3 * d, d), "attention.proj": (d, d), "mlp.0": (4 * d, d), "mlp.2": (d, 4 * d)}
    weights = {f"{name}.weight": some(rng, d) / 4 + 1 for name in ("norm1", "norm2")}
    weights |= {f"{name}.bias": some(rng, d) / 4 for name in ("norm1", "norm2")}
    weights |= {f"{name}.weight": np.round(some(rng, *shape) / 2, 2) for name, shape in shapes.items()}
    return weights | {f"{name}.bias": some(rng, shape[0]) / 4 for name, shape in shapes.items()}


def stream(t, d, h, silent=""):
    """A text of t words and a block, one part of which may add nothing."""

    def make(rng):
        weights = weights_of_a_block(rng, d)
        if silent:
            weights |= {f"{silent}.{kind}": 0 * weights[f"{silent}.{kind}"] for kind in ("weight", "bias")}
        return [some(rng, t, d), weights, h]

    return make


def norm_last(x, weights, h):
    between = first_norm(x + attended(x, weights, h), weights)
    return second_norm(between + widened(between, weights), weights)


def side_by_side(x, weights, h):
    return x + attended(first_norm(x, weights), weights, h) + widened(second_norm(x, weights), weights)


def no_way_round(x, weights, h):
    return widened(second_norm(attended(first_norm(x, weights), weights, h), weights), weights)


def sees_all(x, weights, h):
    between = x + attended(first_norm(x, weights), weights, h, see=softmax)
    return between + widened(second_norm(between, weights), weights)


def wrong_root(x, weights, h):
    between = x + attended(first_norm(x, weights), weights, h, root=False)
    return between + widened(second_norm(between, weights), weights)


def no_norm(x, weights, h):
    between = x + attended(x, weights, h)
    return between + widened(between, weights)


def adds_the_normed(x, weights, h):
    start = first_norm(x, weights)
    middle = second_norm(start + attended(start, weights, h), weights)
    return middle + widened(middle, weights)


block.check("with an attention that adds nothing", 1, stream(4, 6, 2, "attention.proj"))
block.check("with a feed-forward part that adds nothing", 1, stream(4, 6, 2, "mlp.2"))
block.check("both parts, two heads", 1, stream(5, 6, 2))
block.check("a longer text, three heads", 2, stream(9, 12, 3), hidden=True)
block.mistake("The norm comes before each part, not after the addition.")(norm_last)
block.mistake("The feed-forward part reads what attention has left, not the block's input.")(side_by_side)
block.mistake("What comes in must be added to what each part makes of it: x + …")(no_way_round)
block.mistake("The causal mask is missing.")(sees_all)
block.mistake("Each head's scores are divided by the root of its own width, D/h.")(wrong_root)
block.mistake("Both norms are missing.")(no_norm)
block.mistake("Added is x itself, not what the norm made of it.")(adds_the_normed)
block.hints(
    "First `x = x + heads(norm1(x))`, then `x = x + feed_forward(norm2(x))`, with the x of the first line.",
    "One layer makes all three: `np.split(x @ W.T + b, 3, axis=1)` gives q, k and v, (T, D) each; then `split_heads`.",
    "Scores of all heads: `q @ k.swapaxes(1, 2)`, (h, T, T), divided by the root of D/h, into `causal_weights`; "
    "times v; `merge_heads`; the layer `attention.proj`.",
    "Does a part of yours not pass? dlcore has F.layer_norm, F.gelu and F.scaled_dot_product_attention with "
    "is_causal=True; take it in the meantime.",
)


def blocks_of(weights):
    """The weights of each block, without what stands before their names."""
    count = 1 + max((int(name.split(".")[1]) for name in weights if name.startswith("blocks.")), default=-1)
    starts = [f"blocks.{i}." for i in range(count)]
    return [{name[len(s) :]: w for name, w in weights.items() if name.startswith(s)} for s in starts]


def spoken(x, weights, last="norm", head="head"):
    """From the stream of the blocks to logits."""
    if last:
        x = layer_norm.answer(x, weights[f"{last}.weight"], weights[f"{last}.bias"])
    return np.einsum("td,vd->tv", x, weights[f"{head}.weight"])


@ask("q10", "gpt", "A tiny GPT")
def gpt(tokens, weights, h):
    x = np.take(weights["embed.weight"], tokens, axis=0) + weights["position.weight"][np.arange(len(tokens))]
    for its in blocks_of(weights):
        x = block.answer(x, its, h)
    return spoken(x, weights)


def text_and_weights(t, layers, h=2, d=8, vocabulary=7, context=10):
    """Tokens, no two neighbours alike, and all the weights of a network."""

    def make(rng):
        tokens = np.cumsum(rng.integers(1, vocabulary, t)) % vocabulary
        weights = {"embed.weight": some(rng, vocabulary, d), "position.weight": some(rng, context, d)}
        for i in range(layers):
            weights |= {f"blocks.{i}.{name}": w for name, w in weights_of_a_block(rng, d).items()}
        weights |= {"norm.weight": some(rng, d) / 4 + 1, "norm.bias": some(rng, d) / 4}
        return [tokens, weights | {"head.weight": some(rng, vocabulary, d)}, h]

    return make


def in_order(tokens):
    return np.arange(len(tokens))


def other_gpt(places=in_order, blocks=slice(None), last="norm", head="head"):
    """A network in which one thing is otherwise."""

    def wrong(tokens, weights, h):
        x = weights["embed.weight"][tokens]
        x = x + weights["position.weight"][places(tokens)] if places else x
        for its in blocks_of(weights)[blocks]:
            x = block.answer(x, its, h)
        return spoken(x, weights, last, head)

    return wrong


gpt.check("no block at all", 1, text_and_weights(5, 0))
gpt.check("one block", 1, text_and_weights(6, 1))
gpt.check("two blocks, three heads", 2, text_and_weights(9, 2, h=3, d=12), hidden=True)
gpt.mistake("The positions are missing: it cannot tell the order of the words.")(other_gpt(places=None))
gpt.mistake("A position is looked up by its place, 0, 1, 2 …, not by the token that stands there.")(
    other_gpt(places=lambda tokens: tokens)
)
gpt.mistake("The last norm, `norm`, before the head is missing.")(other_gpt(last=""))
gpt.mistake("Only the first block works: every one of them does, in order.")(other_gpt(blocks=slice(1)))
gpt.mistake("The blocks come in order, from the first to the last.")(other_gpt(blocks=slice(None, None, -1)))
gpt.mistake("The table of the tokens was used at the end, too; here `head.weight` makes the logits.")(
    other_gpt(head="embed")
)
gpt.mistake("These are probabilities; asked are the logits, before the softmax.")(
    lambda tokens, weights, h: softmax(gpt.answer(tokens, weights, h))
)
gpt.hints(
    "A row of `embed.weight` for each token, plus the first T rows of `position.weight`.",
    "Then every block of `blocks_of(weights)`, one after the other; then `norm`; then `x @ head.weight.T`.",
    "Does your block not pass? `dlcore.models.transformers.Block` takes the same weights by `load_state_dict`.",
)


# Writing


@ask("q11", "choose", "Which word comes next")
def choose(logits, temperature, u):
    if temperature == 0:
        return int(np.argmax(logits))
    shares = softmax(logits / temperature)
    return int(np.searchsorted(np.cumsum(shares), u * np.sum(shares), side="right"))


def for_each(answer, logits, temperature, draws):
    return [answer(logits, temperature, u) for u in draws.tolist()]


def drawn(temperature, count=7, draws=12):
    """Logits and draws, none of which falls near the edge of a share."""

    def make(rng):
        logits = rng.permutation(np.arange(count) * 0.4) + np.round(rng.uniform(-0.1, 0.1, count), 2)
        shares = softmax(logits / (temperature or 1))
        which = rng.choice(count, draws, p=shares)
        return [logits, temperature, np.cumsum(shares)[which] - shares[which] * rng.uniform(0.3, 0.7, draws)]

    return make


def choosing(heat, side="right", move=0, order=False):
    def wrong(logits, temperature, u):
        at = np.argsort(-logits) if order else np.arange(len(logits))
        shares = softmax(heat(logits, temperature))[at]
        return int(at[min(np.searchsorted(np.cumsum(shares), u, side=side) + move, len(at) - 1)])

    return wrong


def divided(logits, temperature):
    return logits / (temperature or 1e-9)


choose.check("a temperature of 1", 1, drawn(1.0), call=for_each)
choose.check("a temperature of 0", 1, drawn(0), call=for_each)
choose.check("hot, and cold", 1, drawn(2.5), call=for_each, hidden=True)
choose.mistake("It always takes the likeliest; that is for a temperature of 0 only.")(
    lambda logits, temperature, u: int(np.argmax(logits))
)
choose.mistake("The temperature divides the logits; it does not multiply them.")(choosing(lambda z, t: z * (t or 1)))
choose.mistake("The temperature plays no part yet.")(choosing(lambda z, t: z))
choose.mistake("One too far: it is the first word at which the running sum has passed u.")(choosing(divided, move=1))
choose.mistake("The words keep their order: do not sort them by their probabilities.")(choosing(divided, order=True))
choose.mistake("The running sum was taken from the end.")(
    lambda logits, temperature, u: len(logits) - 1 - choose.answer(logits[::-1], temperature, u)
)
choose.hints(
    "Temperature 0 first, on its own, with `np.argmax`. Otherwise p = softmax(logits / temperature).",
    "`np.cumsum(p)` cuts the line from 0 to 1 into pieces as long as the probabilities. In which piece does u lie?",
    "The first place at which the running sum is greater than u: `np.argmax(np.cumsum(p) > u)`.",
)


# A text of one's own

NAMES = ["anna", "ben", "cara", "leo", "max", "mia", "tom", "zoe"]
VERBS = ["calls", "hears", "helps", "likes", "sees"]


def a_text(rng):
    """Five people in a round, each of whom does one of two things to the next."""
    people, verbs = rng.permutation(NAMES)[:5], rng.permutation(VERBS)[:2]
    does = rng.permutation([0, 0, 1, 1, int(rng.integers(2))])
    clauses = zip(people, verbs[does], np.roll(people, -1), strict=True)
    return {"text": " and ".join(" ".join(clause) for clause in clauses)}


def tokens_of(text):
    """Each word's place among the words in the order of the alphabet."""
    return np.unique(text.split(), return_inverse=True)[1]


@functools.cache
def stirred(vocabulary, d=128):
    """The weights of a network that has learned nothing: whatever it reads, it stirs."""
    rng = np.random.default_rng(7)
    weights = {"embed.weight": rng.normal(0, 1, (vocabulary, d)), "position.weight": rng.normal(0, 0.3, (8, d))}
    shapes = {"attention.qkv": (3 * d, d), "attention.proj": (d, d), "mlp.0": (4 * d, d), "mlp.2": (d, 4 * d)}
    for name, shape in shapes.items():
        size = (1.5 if "qkv" in name else 1) / np.sqrt(shape[1])
        weights[f"blocks.0.{name}.weight"] = rng.normal(0, size, shape)
        weights[f"blocks.0.{name}.bias"] = np.zeros(shape[0])
    for name in ("blocks.0.norm1", "blocks.0.norm2", "norm"):
        weights |= {f"{name}.weight": np.ones(d), f"{name}.bias": np.zeros(d)}
    return weights | {"head.weight": rng.normal(0, 0.02, (vocabulary, d))}


@functools.cache
def listener(text, steps=300, rate=0.3):
    """The head that says after each stirred window of a text which word came next, found by gradient descent."""
    tokens = tokens_of(text)
    count = int(tokens.max()) + 1
    weights = stirred(count)
    windows = np.lib.stride_tricks.sliding_window_view(tokens, 9)
    heard = weights | {"head.weight": np.eye(weights["embed.weight"].shape[1])}  # the stream itself for logits
    x = np.concatenate([gpt.answer(window[:-1], heard, 2) for window in windows])
    wanted, head, speed = np.eye(count)[windows[:, 1:].ravel()], np.zeros_like(weights["head.weight"]), 0
    for _ in range(steps):
        speed = 0.9 * speed + (softmax(x @ head.T) - wanted).T @ x / len(x)
        head = head - rate * speed
    return head


@ask("q12", "learned_q12", "Stretch: a text of your own", constants=a_text)
def a_listener(text):
    tokens = tokens_of(text)
    return stirred(int(tokens.max()) + 1) | {"head.weight": listener(text), "tokens": tokens}


LIMIT = 0.3  # of the mean loss, in nats; a network that looks at the last word only cannot get below 0.6


def of_the_text(answer, writes):
    """With the student's weights: the loss over all windows, or the text, written on from its first two words."""
    if not isinstance(answer, dict) or "tokens" not in answer:
        raise ValueError("asked is a dictionary of arrays: all the weights, and your tokens under the name tokens")
    for name in ("embed.weight", "position.weight", "norm.weight", "norm.bias", "head.weight"):
        if name not in answer:
            raise ValueError(f"nothing in the dictionary is called {name}: it takes all the weights of the network")
    w = {str(name): np.asarray(value, float) for name, value in answer.items()}
    told, d = w["tokens"].astype(int), w["embed.weight"].shape[1]

    def n(z, at):
        z = z - z.mean(-1, keepdims=True)
        return z / np.sqrt((z * z).mean(-1, keepdims=True) + 1e-5) * w[at + "weight"] + w[at + "bias"]

    def logp(words):
        t, i = len(words), 0
        x = w["embed.weight"][words] + w["position.weight"][:t]
        while f"blocks.{i}.norm1.weight" in w:
            b = f"blocks.{i}."
            z = n(x, b + "norm1.") @ w[b + "attention.qkv.weight"].T + w[b + "attention.qkv.bias"]
            q, k, v = z.reshape(t, 3, 2, d // 2).transpose(1, 2, 0, 3)
            s = np.where(np.tri(t) > 0, np.einsum("hij,hkj->hik", q, k) / (d / 2) ** 0.5, -np.inf)
            s = np.exp(s - s.max(-1, keepdims=True))
            z = np.einsum("hik,hkj->ihj", s / s.sum(-1, keepdims=True), v).reshape(t, d)
            x = x + z @ w[b + "attention.proj.weight"].T + w[b + "attention.proj.bias"]
            z = n(x, b + "norm2.") @ w[b + "mlp.0.weight"].T + w[b + "mlp.0.bias"]
            z = 0.5 * z * (1 + np.tanh(0.7978845608028654 * (z + 0.044715 * z**3)))
            x, i = x + z @ w[b + "mlp.2.weight"].T + w[b + "mlp.2.bias"], i + 1
        z = n(x, "norm.") @ w["head.weight"].T
        z = z - z.max(-1, keepdims=True)
        return z - np.log(np.exp(z).sum(-1, keepdims=True))

    if writes:
        text = told[:2].tolist()
        while len(text) < len(told):
            text.append(int(logp(text[-8:])[-1].argmax()))
        return text
    said = [(told[i : i + 9], logp(told[i : i + 8])) for i in range(len(told) - 8)]
    loss = -sum(p[at, word] for window, p in said for at, word in enumerate(window[1:])) / (8 * len(said))
    again = sum(p[at].argmax() == word for window, p in said for at, word in enumerate(window[:-1])) / (8 * len(said))
    if not (loss <= 0.3 or again > 0.8 or loss > 0.8 * np.log(len(w["embed.weight"]))):
        raise ValueError(f"the mean loss of these weights over the windows is {loss:.2f}; at most 0.3 is asked for")
    return [float(loss <= 0.3), float(again > 0.8), *told.tolist()]


def untrained(text):
    tokens = tokens_of(text)
    return stirred(int(tokens.max()) + 1) | {"tokens": tokens}


def parrot(text):
    """No block at all, and a head that takes the word that has just been read for the next one."""
    tokens = tokens_of(text)
    table = 10 * np.eye(int(tokens.max()) + 1)
    plain = {"norm.weight": np.ones(len(table)), "norm.bias": np.zeros(len(table)), "head.weight": table}
    return {"embed.weight": table, "position.weight": np.zeros((8, len(table))), "tokens": tokens, **plain}


a_listener.check(
    "the loss over all windows of your text",
    2,
    lambda rng: [0],
    call=of_the_text,
    says="Are these the tokens of your own text, from the cell above?",
)
a_listener.check(
    "the text, word for word, from its first two words",
    2,
    lambda rng: [1],
    call=of_the_text,
    says="From its first two words on, the network should write your whole text: train a little longer.",
)
a_listener.mistake("No better than guessing: have these weights been trained? Asked are those after the last step.")(
    untrained
)
a_listener.mistake("It repeats the word that it has just read: the target at each place is the *next* word.")(parrot)
a_listener.hints(
    "Inputs are the windows without their last word, `windows[:, :-1]`, targets those without their first.",
    "`GPT(len(words), context=8, dim=32, heads=2, layers=1)`, Adam at 0.01, 200 steps over all windows at once.",
    "Loss: `F.cross_entropy(model(x).flatten(0, 1), y.flatten())`, with x and y made by `dlcore.tensor`.",
    "`model.state_dict()` holds all the weights by name. `.numpy()` of each goes into a dictionary, beside the tokens.",
)
