"""One training script, and what breaks it: each bug is the sound script with a line or two changed.

The page shows PREPARED and LOOP, and the six of EXERCISES; a test holds them to this file.
"""

PREPARED = """
def prepared(torch, x, y):
    nn, data = torch.nn, torch.utils.data
    x = x / 16  # the pixels come as counts from 0 to 16
    pairs = data.TensorDataset(x, y)
    loader = data.DataLoader(pairs, batch_size=32, shuffle=True)
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    return loader, model, optimizer
""".lstrip()

LOOP = """
def script(torch, x, y, epochs=10):
    loader, model, optimizer = prepared(torch, x, y)
    losses = []
    for epoch in range(epochs):
        model.train()  # dropout on
        for images, labels in loader:
            scores = model(images)
            loss = torch.nn.functional.cross_entropy(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    model.eval()  # dropout off
    return model, losses, images, labels
""".lstrip()

SOUND = PREPARED + "\n\n" + LOOP

LOSS = "loss = torch.nn.functional.cross_entropy(scores, labels)"
CLEAR, BACKWARD = "            optimizer.zero_grad()\n", "            loss.backward()\n"
TRAIN, EVAL = "        model.train()  # dropout on\n", "    model.eval()  # dropout off\n"
START, PAIRS = "    losses = []\n", "    pairs = "
SCALE = "    x = x / 16  # the pixels come as counts from 0 to 16\n"
OPTIMIZER = "    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)\n"

#: name → the lines of SOUND that are changed, and into what
BUGS = {
    "gradients never zeroed": [(CLEAR, "")],
    "softmax before the loss": [("scores = model(images)", "scores = model(images).softmax(1)")],
    "labels shuffled apart": [
        (PAIRS, "    x = x[torch.randperm(len(x))]  # in random order\n    y = y[torch.randperm(len(y))]\n" + PAIRS)
    ],
    "softmax over the batch": [(LOSS, "loss = torch.nn.functional.nll_loss(scores.log_softmax(0), labels)")],
    "dropout left on": [(EVAL, "")],
    "hidden layer cut off": [("scores = model(images)", "scores = model[4](model[:4](images).detach())")],
    "optimiser given one layer": [("SGD(model.parameters()", "SGD(model[4].parameters()")],
    "pixels not scaled": [(SCALE, "")],
    "rate too high": [("lr=0.3", "lr=10.0")],
    "all weights 0 at the start": [
        (OPTIMIZER, "    for weights in model.parameters():\n        nn.init.zeros_(weights)\n" + OPTIMIZER)
    ],
    "digits in order": [("shuffle=True", "shuffle=False")],
}
NOTHING = "nothing is wrong"
SCRIPTS = [NOTHING, *BUGS]

#: letter of the exercise and of the figure → the bug
EXERCISES = dict(zip("ABCDEF", BUGS, strict=False))


def source(name):
    """The text of a script."""
    text = SOUND
    for right, broken in BUGS.get(name, ()):
        text = changed(text, right, broken)
    return text


def changed(text, right, broken):
    """The text with one place changed, which must be there once."""
    if text.count(right) != 1:
        raise ValueError(f"changed(): expected {right!r} once in the script, found it {text.count(right)} times.")
    return text.replace(right, broken)


def compiled(text, **names):
    """The function `script` of a text, which may use these names."""
    exec(text, names)
    return names["script"]
