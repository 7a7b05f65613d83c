"""Texts to train on: a small grammar with a memory, the book's own primer, and the prose of any folder of notebooks."""

from __future__ import annotations

import json
from pathlib import Path

from dlcore.data._checks import whole
from dlcore.data._random import Source, random_source

NOUNS = ("cat", "dog", "bird", "child", "key", "book", "boat", "star")
PLACES = ("near the {}", "behind the {}", "with the {}")
VERBS = (("sleeps", "sleep"), ("waits", "wait"), ("sings", "sing"), ("falls", "fall"), ("shines", "shine"))
PLURALS = {"child": "children"}


def sentences(n: int = 1000, generator: Source = None) -> list[str]:
    """Sentences of a toy English in which the verb agrees with a noun that may be four words back.

        the <noun> [near | behind | with the <noun>] <verb> .

    In "the keys near the boat fall ." a model that looks only at the last noun picks the wrong form of the verb.

    Args:
        n: number of sentences.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        n strings; half of the nouns are plural, half of the sentences hold a second noun. 30 different words.

    Raises:
        ValueError: if n is not a positive whole number.

    Source: generated here, after Linzen, Dupoux & Goldberg (2016), Assessing the Ability of LSTMs to Learn
    Syntax-Sensitive Dependencies. Licence: that of this package. Size: as asked.

    >>> sentences(2, generator=1)
    ['the child with the key falls .', 'the star with the dog waits .']
    """
    rng = random_source(generator)
    out = []
    for _ in range(whole("sentences", "n", n)):
        first, second, verb, place = (int(rng.integers(len(group))) for group in (NOUNS, NOUNS, VERBS, PLACES))
        many, other, long = (bool(rng.integers(2)) for _ in range(3))
        phrase = " " + PLACES[place].format(_form(second, other)) if long else ""
        out.append(f"the {_form(first, many)}{phrase} {VERBS[verb][many]} .")
    return out


def _form(noun: int, many: bool) -> str:
    return PLURALS.get(NOUNS[noun], NOUNS[noun] + "s") if many else NOUNS[noun]


def primer() -> str:
    """A plain account of deep learning, written for this book, as one lower-case text to train small models on.

    Returns:
        str: paragraphs separated by blank lines; only lower-case letters, space, newline and . , : ?

    Source: this book. Licence: that of this package. Size: 5,961 characters (32 different), 1,188 words,
    15 paragraphs.

    >>> primer()[:38]
    'a network is a machine made of numbers'
    """
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in PRIMER.strip().split("\n\n"))


def notebook_text(folder: str | Path) -> str:
    """The prose of all notebooks below `folder`, in the order of their paths: the text cells, without the code.

    Args:
        folder: where the .ipynb files are, such as the book's `chapters`.

    Returns:
        str: the source of each Markdown cell, separated by blank lines.

    Raises:
        FileNotFoundError: if there is no notebook below folder.

    Source: the folder's authors. Licence: theirs. Size: as found.
    """
    files = sorted(Path(folder).rglob("*.ipynb"))
    if not files:
        raise FileNotFoundError(f"notebook_text: no .ipynb file below {str(folder)!r}; pass the chapters' folder.")
    cells = [cell for file in files for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


PRIMER = """
a network is a machine made of numbers. some of the numbers come in, some go out, and the rest are kept inside. the
numbers kept inside are called weights. nobody writes them down by hand. they are found, a little at a time, by
looking at examples and asking what went wrong.

begin with one unit. it takes each number that comes in, multiplies it by a weight, and adds the results. then it adds
one more number, the bias, which says how willing the unit is to answer at all. the sum is passed through a simple
curve, and what comes out is the answer of the unit. that is all. a unit is a weighted vote with a threshold.

put many units side by side and you have a layer. each unit of the layer sees the same numbers, but weighs them in its
own way, so each looks for something else. put one layer after another and you have a network. the first layer sees
the world. the second layer sees only what the first layer says about the world. the third sees what the second says,
and so it goes on, until the last layer gives the answer.

why the curve? because without it the layers would melt into one. a weighted sum of weighted sums is again a weighted
sum, and a weighted sum can only draw a straight line. the curve bends the line. with enough bends, a network can
follow any border between this and that, between a seven and a one, between a cat and a dog.

how does it learn? first it guesses. then the guess is compared with the truth, and the difference is turned into one
number, the loss. the loss is large when the guess is bad and small when the guess is good. to learn is to make the
loss small. nothing more is asked of the network, and so we must be careful what we ask.

think of the loss as a landscape. each weight is a direction in which one can walk. somewhere in the landscape there
is a valley, and we want to go down. there is a thick fog and we cannot see the valley, but we can feel the slope
under our feet. so we take a small step down the slope, feel again, and take another step. the slope is called the
gradient. the size of the step is called the learning rate. if the step is too small, the walk takes for ever. if the
step is too large, we jump across the valley and land higher than before.

how does the network know the slope? it goes backwards. the last layer asks how the loss would change if its own sum
were a little larger. it passes this news to the layer before, and that layer passes it on, each one multiplying by
its own small part of the blame. this is the chain rule, and it costs no more than to compute the answer twice or
three times. no weight is forgotten, and no work is done twice.

we do not look at all the examples before each step. we take a few of them, a batch, and feel the slope for these
alone. the slope of a batch is not quite the slope of the whole, but it is nearly right, and it is cheap. a walk with
many cheap steps is faster than a walk with few good ones. when every example has been seen once, an epoch has passed,
and we begin again in a new order.

a network with many weights can learn its examples by heart. that is not what we want. we want it to be right about
examples that it has never seen. so we keep some of the examples hidden while it learns, and ask about them later.
when the loss on the seen examples still falls but the loss on the hidden ones begins to rise, the network has stopped
learning the rule and has begun to learn the list. then it is time to stop.

some networks look at pictures. a picture is a grid of numbers, and what matters is mostly near by: an edge, a corner,
a spot. so a small window slides over the picture, with the same few weights in every place, and asks everywhere the
same question. is there an edge here? the answers make a new picture, and the next window slides over that. first
edges, then corners, then eyes, then faces. because the weights are shared, the network does not have to learn the
same thing again for each place.

some networks read. one word comes after another, and the network keeps a state, which is its memory of what it has
read so far. each word changes the state a little. but a memory that is changed at each step soon forgets. so gates
were added: one gate says what to forget, one says what to write down, and one says what to speak about. with gates a
network can carry a word across a long sentence.

other networks read all the words at once. each word asks a question, and each word offers a key. where the question
fits the key, the word looks, and takes with it what it finds there. this is called attention. the keys near the boat
fall: to know that it is fall and not falls, the verb must look past the boat and find the keys. with attention it can
look as far as it likes, and no step of the way can make it forget. the price is that every word must look at every
other word.

a network that has read enough can write. give it the start of a sentence and it says how likely each next letter is.
pick one of the likely letters, add it to the sentence, and ask again. if you always pick the most likely letter, the
text is dull and goes in circles. if you pick too freely, the text is wild. in between there is a temperature at which
the text sounds like the book it was learned from.

what a network knows, it knows from its examples. if the examples are few, it will guess. if they are wrong, it will
be wrong. if they are unfair, it will be unfair, and it will not tell you so. it can be sure and mistaken at the same
time. a change that no eye can see may turn its answer round. so test it where it was not taught, measure what it gets
wrong and for whom, and do not take a good number for an understanding mind.

and yet it is a wonder how far one gets with so little: a sum, a curve, a slope, and a step down the hill, done again
and again. everything in this book is made of these four things. you can build each of them by hand, and then there is
no secret left, only numbers, and what we ask of them.
"""
