"""Train a reference model on one process or on several, with the same result.

    python -m dlcore.reference.train --model mlp
    torchrun --standalone --nproc-per-node 2 -m dlcore.reference.train --model mlp

The batch is global: with W processes each takes every W-th of its examples, computes the gradient on them, and the
gradients are added up between the processes before every update. So the numbers do not depend on W, except for the
order in which floats are added.

Source: Goyal et al. (2017), Accurate, Large Minibatch SGD, section 3.2; Li et al. (2020), PyTorch Distributed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

from dlcore import data
from dlcore.reference.images import LeNet
from dlcore.reference.mlp import MLP
from dlcore.reference.transformers import GPT


@dataclass
class Task:
    """A model, what it learns from, what it is tested on; targets may have a time axis."""

    model: nn.Module
    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


def digits_mlp() -> Task:
    """Digits as rows of 64 numbers."""
    table = data.digits()
    parts = [(torch.tensor(p.x).flatten(1), torch.tensor(p.y)) for p in (table.train, table.test)]
    return Task(MLP([64, 128, 64, 10]), parts[0], parts[1])


def digits_lenet() -> Task:
    """Digits as pictures, enlarged from 8 × 8 to the 28 × 28 that a LeNet expects."""
    table = data.digits()
    enlarge = nn.Upsample((28, 28), mode="bilinear")
    parts = [(enlarge(torch.tensor(p.x)), torch.tensor(p.y)) for p in (table.train, table.test)]
    return Task(LeNet(), parts[0], parts[1])


def primer_gpt(context: int = 32) -> Task:
    """The primer, character by character; the last fifth is the test."""
    tokens = data.CharTokenizer.train(data.primer())
    ids = tokens.encode(data.primer())
    cut = len(ids) * 4 // 5
    pairs = data.contexts(ids[:cut], context, stride=8), data.contexts(ids[cut:], context)
    parts = [(torch.tensor(x), torch.tensor(y)) for x, y in pairs]
    return Task(GPT(len(tokens), context), parts[0], parts[1])


TASKS: dict[str, Callable[[], Task]] = {"mlp": digits_mlp, "lenet": digits_lenet, "gpt": primer_gpt}


def total_loss(output: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy summed over the examples, averaged over the time steps of each."""
    steps = target.shape[1:].numel()  # 1 if there is no time axis
    return cross_entropy(output.flatten(0, -2), target.flatten(), reduction="sum") / steps


def place() -> tuple[int, int]:
    """This process's number, and how many there are."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def train(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    seed: int = 0,
) -> list[float]:
    """Train with AdamW on this process's share of every batch; print and return the mean loss of each epoch."""
    together = dist.is_initialized()
    rank, world = place()
    network = DistributedDataParallel(model) if together else model
    optimizer = torch.optim.AdamW(network.parameters(), lr=lr)
    shuffle = torch.Generator().manual_seed(seed)  # the same order on every process
    losses: list[float] = []
    network.train()
    for epoch in range(epochs):
        total = torch.zeros((), dtype=torch.float64)
        for batch in torch.randperm(len(x), generator=shuffle).split(batch_size):
            mine = batch[rank::world]
            loss = total_loss(network(x[mine]), y[mine])
            optimizer.zero_grad()
            (loss * world / len(batch)).backward()  # DistributedDataParallel averages over the processes
            optimizer.step()
            total += loss.detach()
        if together:
            dist.all_reduce(total)  # the sum over the processes
        losses.append(total.item() / len(x))
        if rank == 0:
            print(f"epoch {epoch + 1:3d}   loss {losses[-1]:.6f} nats", flush=True)
    return losses


@torch.no_grad()
def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of right predictions."""
    model.eval()
    return (model(x).argmax(-1) == y).float().mean().item()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m dlcore.reference.train", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--model", choices=TASKS, default="mlp")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=60, help="examples per update, all processes together")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--double", action="store_true", help="compute in float64")
    parser.add_argument("--save", help="where to write the weights and the losses")
    args = parser.parse_args(arguments)
    if min(args.epochs, args.batch_size) < 1 or args.lr <= 0:
        parser.error("--epochs and --batch-size must be at least 1, --lr above 0")
    return args


def main(arguments: Sequence[str] | None = None) -> list[float]:
    """Train as the command line says; under torchrun, together with the other processes."""
    args = parse(arguments)
    together = "WORLD_SIZE" in os.environ
    if together:
        dist.init_process_group("gloo")
    rank, world = place()
    try:
        if rank == 0:
            print(f"{args.model} on {world} process{'es' if world > 1 else ''}")
        torch.manual_seed(args.seed)
        task = TASKS[args.model]()
        (x, y), (x_test, y_test) = task.train, task.test
        if args.double:
            task.model.double()
            x, x_test = (a.double() if a.is_floating_point() else a for a in (x, x_test))

        losses = train(task.model, x, y, epochs=args.epochs, batch_size=args.batch_size, lr=args.lr, seed=args.seed)
        if rank == 0:
            print(f"accuracy on unseen examples: {accuracy(task.model, x_test, y_test):.4f}")
            if args.save:
                torch.save({"losses": losses, "weights": task.model.state_dict()}, args.save)
    finally:
        if together:
            dist.destroy_process_group()
    return losses


if __name__ == "__main__":
    main()
