"""The rules by which parameters follow their gradients, from plain descent to AdamW.

Every class is complete: its `step` is the algorithm, in the letters of its paper. `x` are the values of a parameter, or
of several small ones as one long vector, `g` is the gradient, and `x` is changed in place (see memory.py).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from dlcore.optim.optimizer import Optimizer, check, silent


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

        g ← ∇x + weight_decay · x
        b ← momentum · b + (1 - dampening) · g        (b = g at the first step)
        x ← x - lr · b                                (Nesterov: x - lr · (g + momentum · b))

    Args:
        lr: the learning rate η.
        nesterov: look ahead along the momentum; needs momentum > 0 and no dampening.

    Raises:
        ValueError: for settings out of range, no parameters, or a parameter given twice.

    Twin: torch.optim.SGD.
    Source: Sutskever, Martens, Dahl & Hinton (2013), On the importance of initialization and momentum, section 2.

    >>> import dlcore
    >>> x = dlcore.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> SGD([x], lr=0.25).step()
    >>> x.tolist()
    [0.5, 1.0]
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ):
        if nesterov and (momentum <= 0 or dampening):
            raise ValueError(f"SGD: nesterov needs momentum > 0 and dampening = 0, got {momentum} and {dampening}.")
        settings = check("SGD", 0, lr=lr, momentum=momentum, weight_decay=weight_decay)
        super().__init__(params, {**settings, "dampening": dampening, "nesterov": nesterov})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            lr, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
            if not momentum:
                for x, g, _ in memory.vectors():
                    x -= lr * (g + decay * x if decay else g)
                continue
            for x, g, state in memory.vectors("momentum_buffer"):
                b = state["momentum_buffer"]
                g = g + decay * x if decay else g
                b *= momentum
                b += g if state["step"] == 1 else (1 - group["dampening"]) * g
                x -= lr * (g + momentum * b if group["nesterov"] else b)


class RMSprop(Optimizer):
    """Divide each gradient by the root of its running mean square.

        v ← α v + (1 - α) g²
        b ← momentum · b + g / (√v + ε)               (centered: √(v - a²), a the running mean of g)
        x ← x - lr · b

    Raises:
        ValueError: for settings out of range, no parameters, or a parameter given twice.

    Twin: torch.optim.RMSprop.
    Source: Hinton (2012), Neural networks for machine learning, lecture 6e; centred: Graves (2013), arXiv 1308.0850.

    >>> import dlcore
    >>> x = dlcore.tensor([1.0, -100.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> RMSprop([x], lr=0.01, alpha=0.75).step()  # the same length of step for both
    >>> [round(value, 4) for value in x.tolist()]
    [0.98, -99.98]
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
    ):
        settings = check("RMSprop", 0, lr=lr, eps=eps, weight_decay=weight_decay, momentum=momentum)
        super().__init__(params, {**settings, **check("RMSprop", 0, 1, alpha=alpha), "centered": centered})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            lr, alpha, decay = group["lr"], group["alpha"], group["weight_decay"]
            for x, g, state in memory.vectors("square_avg", "grad_avg", "momentum_buffer"):
                v, a, b = state["square_avg"], state["grad_avg"], state["momentum_buffer"]
                g = g + decay * x if decay else g
                v += (1 - alpha) * (g * g - v)
                a += group["centered"] * (1 - alpha) * (g - a)  # stays zero unless centred
                b *= group["momentum"]
                b += g / (np.sqrt(v - a * a) + group["eps"])
                x -= lr * b


class Adam(Optimizer):
    """Momentum over root mean square, both corrected for having started at zero.

        g ← ∇x + weight_decay · x
        m ← β₁ m + (1 - β₁) g,     v ← β₂ v + (1 - β₂) g²
        x ← x - lr · m̂ / (√v̂ + ε)     with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ)

    With amsgrad the largest v so far takes its place: large gradients are not forgotten (Reddi, Kale & Kumar 2018).

    Raises:
        ValueError: for settings out of range, no parameters, or a parameter given twice.

    Twin: torch.optim.Adam.
    Source: Kingma & Ba (2015), Adam: a method for stochastic optimization, algorithm 1.

    >>> import dlcore
    >>> x = dlcore.tensor([1.0, -100.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> Adam([x], lr=0.01).step()  # the first step has length lr, whatever the gradient
    >>> [round(value, 4) for value in x.tolist()]
    [0.99, -99.99]
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
    ):
        check("Adam", 0, 1, beta1=betas[0], beta2=betas[1])
        settings = check("Adam", 0, lr=lr, eps=eps, weight_decay=weight_decay)
        super().__init__(params, {**settings, "betas": betas, "amsgrad": amsgrad})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            lr, (beta1, beta2), eps, decay = group["lr"], group["betas"], group["eps"], group["weight_decay"]
            for x, g, state in memory.vectors("exp_avg", "exp_avg_sq", *["max_exp_avg_sq"] * group["amsgrad"]):
                t, m, v, top = state["step"], state["exp_avg"], state["exp_avg_sq"], state.get("max_exp_avg_sq")
                g = g + decay * x if decay else g
                m *= beta1
                m += (1 - beta1) * g
                v *= beta2
                v += (1 - beta2) * g * g
                v = v if top is None else np.maximum(top, v, out=top)
                m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
                x -= lr * m_hat / (np.sqrt(v_hat) + eps)


class AdamW(Optimizer):
    """Adam whose weight decay does not pass through the moments: it shrinks every weight at the same rate.

        x ← (1 - lr · weight_decay) x
        m ← β₁ m + (1 - β₁) g,     v ← β₂ v + (1 - β₂) g²
        x ← x - lr · m̂ / (√v̂ + ε)     with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ)

    With amsgrad the largest v so far takes its place: large gradients are not forgotten (Reddi, Kale & Kumar 2018).

    Raises:
        ValueError: for settings out of range, no parameters, or a parameter given twice.

    Twin: torch.optim.AdamW.
    Source: Loshchilov & Hutter (2019), Decoupled weight decay regularization, algorithm 2.

    >>> import dlcore
    >>> x = dlcore.tensor([1.0, -100.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> AdamW([x], lr=0.01, weight_decay=0.1).step()
    >>> [round(value, 4) for value in x.tolist()]
    [0.989, -99.89]
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ):
        check("AdamW", 0, 1, beta1=betas[0], beta2=betas[1])
        settings = check("AdamW", 0, lr=lr, eps=eps, weight_decay=weight_decay)
        super().__init__(params, {**settings, "betas": betas, "amsgrad": amsgrad})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            lr, (beta1, beta2), eps, decay = group["lr"], group["betas"], group["eps"], group["weight_decay"]
            for x, g, state in memory.vectors("exp_avg", "exp_avg_sq", *["max_exp_avg_sq"] * group["amsgrad"]):
                t, m, v, top = state["step"], state["exp_avg"], state["exp_avg_sq"], state.get("max_exp_avg_sq")
                x *= 1 - lr * decay
                m *= beta1
                m += (1 - beta1) * g
                v *= beta2
                v += (1 - beta2) * g * g
                v = v if top is None else np.maximum(top, v, out=top)
                m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
                x -= lr * m_hat / (np.sqrt(v_hat) + eps)


class Adagrad(Optimizer):
    """Divide each gradient by the root of the sum of its squares so far: what moved much moves less from now on.

        s ← s + g²
        x ← x - lr / (1 + (t - 1) lr_decay) · g / (√s + ε)

    Raises:
        ValueError: for settings out of range, no parameters, or a parameter given twice.

    Twin: torch.optim.Adagrad.
    Source: Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning, figure 1.

    >>> import dlcore
    >>> x = dlcore.tensor([1.0, -100.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> Adagrad([x], lr=0.01).step()
    >>> [round(value, 4) for value in x.tolist()]
    [0.99, -99.99]
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, lr_decay: float = 0, weight_decay: float = 0, eps: float = 1e-10
    ):
        super().__init__(params, check("Adagrad", 0, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps))

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            for x, g, state in memory.vectors("sum"):
                s, lr = state["sum"], group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
                g = g + group["weight_decay"] * x
                s += g * g
                x -= lr * g / (np.sqrt(s) + group["eps"])


class Adadelta(Optimizer):
    """Steps in the units of x: the root mean square of the last steps, over that of the gradients.

        v ← ρ v + (1 - ρ) g²
        Δ = √(u + ε) / √(v + ε) · g,     u ← ρ u + (1 - ρ) Δ²
        x ← x - lr · Δ

    Raises:
        ValueError: for settings out of range, no parameters, or a parameter given twice.

    Twin: torch.optim.Adadelta. Source: Zeiler (2012), Adadelta, algorithm 1.

    >>> import dlcore
    >>> x = dlcore.tensor([1.0, -100.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> Adadelta([x]).step()
    >>> [round(value, 4) for value in x.tolist()]
    [0.9968, -99.9968]
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0
    ):
        settings = check("Adadelta", 0, lr=lr, eps=eps, weight_decay=weight_decay)
        super().__init__(params, {**settings, **check("Adadelta", 0, 1, rho=rho)})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            rho, eps = group["rho"], group["eps"]
            for x, g, state in memory.vectors("square_avg", "acc_delta"):
                v, u = state["square_avg"], state["acc_delta"]
                g = g + group["weight_decay"] * x
                v += (1 - rho) * (g * g - v)
                delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
                u += (1 - rho) * (delta * delta - u)
                x -= group["lr"] * delta
