# ruff: noqa: E501 (tables)
"""One line each, with PyTorch and with the one word replaced: the answers are the same."""

import warnings

import numpy as np
import pytest
import torch

import dlcore

#: Names in the lines: `t` is the library, `x` (2, 3), `v` (3), `m` (3, 3) are its tensors with a slope, `i` integers.
LINES = """
str(x.shape), f"{x.size()}", x.shape[:1], str(x.shape[1:]), str(x.shape + (4,)), x.shape.numel(), x.size(1), repr(v.sum().shape)
repr(x.detach().max(1)), str(t.min(x.detach(), 0)), f"{v.detach().sort()}", repr(t.topk(x.detach(), 2)), x.max(1).values, t.spmm(m, m)
repr(x.detach().median(1)), str(x.detach().kthvalue(2)), repr(x.detach().max()), F.pad(x, [t.tensor([1]), t.tensor(2)])
x.nelement(), x.ndimension(), x.is_cuda, x.is_sparse, x.itemsize, x.nbytes, x.element_size(), x.get_device()
x.t().is_contiguous(), x.is_contiguous(), x.stride(), x.stride(1), x.is_same_size(x), x.data_ptr() == x.data_ptr()
x.isclose(x + 1e-9), x.type(), i.type(), x.type(t.int64), x.type("torch.DoubleTensor"), x.type(t.LongTensor)
x.half().dtype == t.float16, x.short(), x.byte(), i.type_as(x), x.new_zeros(2, 1), x.new_ones((2,)), x.new_empty(1).shape
i.new_full((2,), 7), x.new_tensor([1, 2]), x.new([1.0]), x.new(2, 1).shape, x.new_zeros((1,), dtype=t.int64)
x.log10(), x.log2(), x.exp2(), x.expm1(), x.detach().expm1(), (x / 9).tan(), x.sinh(), x.cosh(), (x / 9).arctan(), i.atan()
(x / 9).asin(), (x / 9).arccos(), t.asin(x.detach() / 9), x.trunc(), x.fix(), x.frac(), x.clamp_min(2), x.clamp_max(2)
x.lerp(x * 2, 0.3), x.addcmul(x, x, value=2), x.addcdiv(x, x, value=2), x.hypot(x), x.true_divide(2), x.divide(2)
x.div(2, rounding_mode="floor"), (-x).div(2, rounding_mode="trunc"), x.multiply(2), x.subtract(1), x.negative(), x.absolute()
x.detach().floor_divide(2), x.remainder(2), x.fmod(2), x.maximum(2 * x), x.minimum(2 * x), (x > 2).logical_xor(x > 3)
x.softmax(0, dtype=t.float64), x.softmax(1), x.detach().heaviside(x.detach()), t.outer(v, v), t.ger(v, v), t.inner(v, v), t.mv(m, v)
x.greater(2), x.greater_equal(2), x.less(2), x.less_equal(2), x.not_equal(2), x.eq(2), x.ne(2), x.lt(2), x.le(2), x.gt(2), x.ge(2)
t.logical_and(x > 1, x > 2), t.logical_or(x > 1, x > 2), t.logical_not(x > 2), t.add(x, x, alpha=2), t.sub(x, x, alpha=2), t.neg(x)
x.narrow(1, 1, 2), x.select(0, 1), x.take(i), m.diagonal(), m.diagonal(1), m.diagonal(-1), t.ones(2, 3, 3).diagonal(0, 1, 2)
t.diag(v), t.diag(v, 1), t.diag(v, -1), m.diag(), m.trace(), v.unfold(0, 2, 1), x.unfold(1, 2, 1), x.unflatten(1, (3, 1))
t.ones(2, 3, 4).movedim(0, 2).shape == (3, 4, 2), t.ones(2, 3, 4).moveaxis(2, 0).shape == (4, 2, 3), x.fliplr(), x.flipud(), x.tile(2)
x.tile((2, 1, 1)).shape == (2, 2, 3), x.ravel(), x.reshape_as(x), (x > 2).argwhere(), x.swapdims(0, 1)
v.index_add(0, i, v), v.detach().index_add(0, i, v.detach(), alpha=2), x.index_add(1, i, x), x.index_fill(1, i, 5.0)
x.index_copy(1, t.tensor([2, 0, 1]), x), v.scatter_add(0, i, v), t.zeros(3).scatter_add_(0, i, t.ones(3))
x.masked_scatter(x > 2, x * 10), v.put(t.tensor([0, 2]), t.tensor([5.0, 6.0])), m.clone().t_(), m.clone().transpose_(0, 1)
x.median(), x.median(1), x.median(1, keepdim=True), x.quantile(0.5), x.quantile(0.25, 1), i.bincount(), i.bincount(minlength=5)
i.unique(), t.unique(i, return_counts=True), t.unique(i, return_inverse=True, return_counts=True)
x.detach().histc(3), x.detach().histc(3, 0, 9), t.histogram(v.detach(), 2), x.count_nonzero(), x.aminmax(), x.nansum(), (x / 0).nan_to_num(3.0).shape
x.dist(2 * x), x.cov(), x.addmm(x, m), x.kthvalue(2), x.renorm(2, 0, 1.0), t.nan_to_num(t.tensor([float("nan"), 1.0]))
x.clone().unsqueeze_(0).shape == (1, 2, 3), x.clone().unsqueeze_(0).squeeze_(0), x.detach().clone().sqrt_().neg_().pow_(2)
x.detach().contiguous(), x.t().contiguous().is_contiguous(), (x * 2).detach_().requires_grad
x.detach().clone().apply_(lambda n: n + 1), x.detach().clone().map_(x.detach(), lambda a, b: a * b), t.zeros(1).set_(v.detach())
t.arange(4.0).resize_(2, 2), t.arange(6.0).resize_as_(x), x.scatter(1, t.tensor([[0], [2]]), 9.0), t.zeros(2).masked_fill_(t.tensor([True, False]), 3)
x.sum(axis=0), x.mean(axis=1, keepdims=True), t.argmax(x, axis=1), t.cat([x, x], axis=1), t.sum(input=x, dim=1), t.stack([v, v], axis=1)
t.zeros(size=(2, 1)), t.ones(size=(2,)), t.full(size=(2,), fill_value=3.0), t.rand(size=(2, 1)).shape == (2, 1), t.zeros(2, device="cpu")
t.add(v.detach(), 1, out=t.empty(3)), t.zeros(2, out=t.ones(2)), t.ones(2, layout=t.strided), t.rand_like(i, dtype=t.float).dtype == t.float32
t.hstack([v, v]), t.hstack([x, x]), t.vstack([v, v]), t.vstack([x, x]), t.row_stack([v, v]), t.dstack([x, x]), t.column_stack([v, v])
t.column_stack([x, v[:2]]), t.broadcast_tensors(v, x)[0], t.broadcast_to(v, (2, 3)), t.tril_indices(3, 3), t.triu_indices(3, 3, 1)
t.cartesian_prod(i, i), t.combinations(v.detach()), t.tensordot(m, m), t.tensordot(m, m, 1), t.tensordot(x, x, ([0], [0]))
t.cdist(x, x + 1), t.logspace(0, 2, 3), t.searchsorted(v.detach(), 2.5), t.bucketize(x.detach(), v.detach(), right=True)
t.atan2(x.detach(), x.detach()), t.arctan2(v.detach(), v.detach()), t.scalar_tensor(3.0), t.empty_like(x).shape == (2, 3), t.randint_like(i, 3).shape
t.is_nonzero(t.tensor(1.0)), t.numel(x), t.promote_types(t.int64, t.float32), t.result_type(i, x.detach()), t.concatenate([v, v])
t.FloatTensor([1, 2]), t.FloatTensor(2, 1).shape == (2, 1), t.LongTensor().shape == (0,), isinstance(x, t.FloatTensor), isinstance(i, t.FloatTensor)
t.autograd.Variable(v.detach(), requires_grad=True).requires_grad, t.autograd.Variable(v).requires_grad, t.Size([2, 3]).numel(), str(t.Size([2]))
t.finfo(t.float32).eps, t.iinfo(t.int64).max, t.e, t.newaxis, t.typename(x), t.get_default_device().type, t.is_inference_mode_enabled()
t.set_default_device("cpu"), t.set_default_dtype(t.float32), t.are_deterministic_algorithms_enabled() in (True, False), t.set_num_threads(1)
t.get_num_threads(), t.use_deterministic_algorithms(False), t.set_float32_matmul_precision("highest"), t.set_warn_always(False)
t.cuda.is_available(), t.cuda.device_count(), t.cuda.is_initialized(), t.cuda.manual_seed(0), t.cuda.manual_seed_all(0), t.cuda.empty_cache()
t.backends.mps.is_available(), t.backends.mps.is_built(), t.backends.cuda.enable_flash_sdp(False), t.distributed.is_initialized()
t.utils.data.get_worker_info(), t.version.cuda, t.amp.GradScaler("cpu", enabled=False).is_enabled(), t.amp.GradScaler("cpu", enabled=False).get_scale()
t.amp.GradScaler("cpu", enabled=False).state_dict(), t.amp.GradScaler("cpu", enabled=False).load_state_dict({})
t.linalg.inv(m.detach() + t.eye(3)), t.linalg.det(m.detach() + t.eye(3)), t.linalg.norm(x), t.linalg.norm(x, dim=1), t.linalg.vector_norm(v)
t.linalg.matmul(m, m), t.linalg.slogdet(t.eye(3))[1], t.linalg.solve(t.eye(3) * 2, t.ones(3, 1))
F.hardtanh(x - 2), F.relu6(x * 2), F.hardsigmoid(x - 2), F.hardswish(x - 2), F.logsigmoid(x - 2), F.softsign(x), F.mish(x - 2), F.selu(x - 2)
F.celu(x - 2, 0.5), F.glu(t.cat([x, x], 1)), F.prelu(x - 2, t.tensor([0.1])), F.prelu(x - 2, t.tensor([0.1, 0.2, 0.3])), F.softmin(x, 1)
F.tanhshrink(x), F.threshold(x, 2.0, 7.0), F.gumbel_softmax(x, 0.5).sum(1), F.gumbel_softmax(x, hard=True).sum(1)
nn.ReLU6()(x * 2), nn.Hardtanh(-2, 2)(x), str(nn.Hardtanh(-2.0, 2.0)), str(nn.ReLU6()), nn.PReLU()(x - 3), str(nn.PReLU()), nn.Mish()(x), nn.GLU(0)(x)
nn.Softmax2d()(x.view(1, 2, 3, 1)), nn.Softmin(1)(x), nn.LogSigmoid()(x), nn.Softmax()(x), nn.LogSoftmax()(x), F.softmax(v), F.softmax(x, dim=0, dtype=t.float64)
F.pairwise_distance(x, x * 2), F.margin_ranking_loss(v, v * 2, t.ones(3), margin=0.5), F.triplet_margin_loss(x, x * 2, x * 3)
F.cosine_embedding_loss(x, x * 2, t.tensor([1.0, -1.0])), F.soft_margin_loss(v, t.tensor([1.0, -1.0, 1.0])), F.gaussian_nll_loss(v, v * 2, v)
F.gaussian_nll_loss(v, v * 2, v, full=True), F.poisson_nll_loss(v, t.ones(3)), F.poisson_nll_loss(v, t.ones(3), log_input=False)
F.multilabel_soft_margin_loss(x, t.ones(2, 3)), nn.MarginRankingLoss()(v, 2 * v, t.ones(3)), nn.TripletMarginLoss(2.0, p=1)(x, x * 2, x * 3)
nn.HingeEmbeddingLoss()(v, t.tensor([1.0, -1.0, 1.0])), nn.PairwiseDistance()(x, 2 * x), nn.SoftMarginLoss(reduction="sum")(v, t.ones(3))
F.mse_loss(v, v * 2, size_average=False), F.mse_loss(v, v * 2, reduce=False), F.mse_loss(v, v * 2, size_average=True), nn.MSELoss(size_average=False)(v, v * 2)
F.max_pool2d(x.view(1, 1, 2, 3), 2, ceil_mode=True), F.max_pool2d(t.arange(25.0).view(1, 1, 5, 5), 3, 2, 1, ceil_mode=True)
nn.MaxPool2d(2, ceil_mode=True)(t.arange(25.0).view(1, 1, 5, 5)), nn.MaxPool2d(2)(t.arange(16.0).view(1, 1, 4, 4))
nn.Linear(2, 1, device="cpu", dtype=t.float64).weight.dtype, nn.Embedding(3, 2, sparse=False).weight.shape[1], nn.Linear(2, 1, dtype=None).in_features
nn.Embedding.from_pretrained(m.detach())(i), nn.Embedding.from_pretrained(m.detach()).weight.requires_grad
F.conv_transpose1d(x.view(1, 2, 3), t.ones(2, 1, 3), stride=(2,)), F.pixel_shuffle(t.arange(16.0).view(1, 4, 2, 2), 2), F.pixel_unshuffle(t.arange(16.0).view(1, 1, 4, 4), 2)
F.interpolate(x.view(1, 1, 2, 3), size=(4, 6)), F.interpolate(x.view(1, 1, 2, 3), size=5, mode="bilinear"), F.interpolate(x.view(1, 2, 3), scale_factor=2, mode="linear", align_corners=True)
F.interpolate(x.view(1, 1, 2, 3), scale_factor=(2.0, 1.0)), F.grid_sample(x.view(1, 1, 2, 3), t.tensor([[[[0.1, -0.2], [1.2, 0.5]]]]), align_corners=False)
F.grid_sample(x.view(1, 1, 2, 3), F.affine_grid(t.tensor([[[0.9, 0.1, 0.0], [-0.1, 0.8, 0.1]]]), (1, 1, 2, 3), align_corners=True), align_corners=True)
F.affine_grid(t.tensor([[[1.0, 0, 0], [0, 1.0, 0]]]), (1, 1, 2, 2), align_corners=False), F.instance_norm(x.view(1, 2, 3)), F.unfold(t.arange(16.0).view(1, 1, 4, 4), 2, stride=2)
F.unfold(t.arange(16.0).view(1, 1, 4, 4), (2, 3), 1, 1, 2), F.adaptive_avg_pool1d(x.view(1, 2, 3), 2), F.adaptive_max_pool2d(t.arange(16.0).view(1, 1, 4, 4), 3)
F.embedding_bag(i, m, t.tensor([0, 2])), F.embedding_bag(i, m, t.tensor([0, 2]), mode="sum"), F.dropout1d(x.view(1, 2, 3), 0.0), F.dropout3d(x, training=False)
nn.init.eye_(t.empty(2, 3)), nn.init.constant_(t.empty(2), 3.0), nn.AdaptiveAvgPool1d(2)(x.view(1, 2, 3)), nn.AdaptiveMaxPool2d(2)(t.arange(16.0).view(1, 1, 4, 4))
nn.ZeroPad2d(1)(x.view(1, 1, 2, 3)), nn.ConstantPad2d((1, 0, 0, 1), 3.5)(x.view(1, 1, 2, 3)), nn.ReflectionPad2d(1)(x.view(1, 1, 2, 3)), nn.ReplicationPad2d(1)(x.view(1, 1, 2, 3))
nn.InstanceNorm2d(2)(t.arange(8.0).view(1, 2, 2, 2)), nn.InstanceNorm1d(2, affine=True)(x.view(1, 2, 3)), nn.Unfold(2)(t.arange(9.0).view(1, 1, 3, 3))
nn.Upsample(scale_factor=2)(x.view(1, 1, 2, 3)), nn.UpsamplingNearest2d(scale_factor=2)(x.view(1, 1, 2, 3)), nn.UpsamplingBilinear2d(scale_factor=2)(x.view(1, 1, 2, 3))
str(nn.Upsample(size=3)), str(nn.Upsample(scale_factor=2)), str(nn.PixelShuffle(2)), nn.ConvTranspose1d(2, 1, 3)(x.view(1, 2, 3)).shape == (1, 1, 5), nn.Bilinear(3, 3, 2)(x, x).shape == (2, 2)
nn.Bilinear(3, 3, 2, bias=False)(x, x).shape == (2, 2), len(nn.ParameterList([nn.Parameter(v.detach()), nn.Parameter(v.detach())])), len(list(nn.ParameterList([nn.Parameter(v.detach())]).parameters()))
nn.Transformer(4, 2, 1, 1, 8, 0.0, batch_first=True)(t.ones(1, 3, 4), t.ones(1, 2, 4)).shape == (1, 2, 4), nn.Transformer.generate_square_subsequent_mask(3)
nn.DataParallel(nn.Identity())(x), nn.EmbeddingBag(3, 2)(i, t.tensor([0, 2])).shape == (2, 2), nn.Dropout3d(0.0)(x)
nn.utils.parameters_to_vector([v, v]), nn.utils.rnn.pad_sequence([v, v[:2]]), nn.utils.rnn.pad_sequence([v, v[:2]], padding_value=9.0)
D.Normal(v, 1.0).log_prob(t.ones(3)), D.Normal(v, v).entropy(), D.Normal(v, v).cdf(t.ones(3)), D.Normal(v, v).variance, D.Normal(0.0, 1.0).sample((2,)).shape == (2,)
D.Normal(v, v).rsample().shape == (3,), D.Normal(0.0, 1.0).sample_n(2).shape == (2,), D.Uniform(0.0, 2.0).log_prob(t.tensor(1.0)), D.Uniform(v, 2 * v).entropy(), D.Uniform(0.0, 2.0).sample((5,)).shape == (5,)
D.Exponential(v).log_prob(t.ones(3)), D.Exponential(v).entropy(), D.Exponential(v).mean, D.Exponential(v).rsample((2,)).shape == (2, 3)
D.Categorical(t.tensor([0.2, 0.3, 0.5])).log_prob(i), D.Categorical(logits=x).entropy(), D.Categorical(logits=x).sample((4,)).shape == (4, 2), D.Categorical(probs=x.detach()).probs
D.Bernoulli(t.tensor([0.2, 0.9])).log_prob(t.tensor([1.0, 0.0])), D.Bernoulli(logits=v).mean, D.Bernoulli(0.5).entropy(), D.Bernoulli(t.tensor([1.0])).sample()
D.Independent(D.Normal(x, x), 1).log_prob(x + 1), D.Independent(D.Normal(x, x), 1).entropy(), D.Independent(D.Normal(x, x), 1).rsample().shape == (2, 3), D.Independent(D.Normal(x, x), 1).event_shape == (3,)
D.MultivariateNormal(v, t.diag(v)).log_prob(t.ones(3)), D.MultivariateNormal(x, t.eye(3).expand(2, 3, 3)).log_prob(x * 2)
D.kl_divergence(D.Normal(v, v), D.Normal(2 * v, v)), D.kl_divergence(D.Categorical(logits=x), D.Categorical(logits=2 * x)), D.kl_divergence(D.Bernoulli(logits=v), D.Bernoulli(logits=2 * v))
D.kl_divergence(D.Independent(D.Normal(v, v), 1), D.Independent(D.Normal(2 * v, v), 1)), type(D.Normal(0.0, 1.0)).__name__
list(U.SequentialSampler(range(3))), sorted(U.RandomSampler(range(4))), len(U.RandomSampler(range(4), replacement=True, num_samples=9)), len(list(U.RandomSampler(range(4), True, 9)))
sorted(U.SubsetRandomSampler([3, 5])), len(U.SubsetRandomSampler([3, 5])), list(U.WeightedRandomSampler([0.0, 1.0], 3)), len(U.WeightedRandomSampler([0.0, 1.0], 3))
list(U.BatchSampler(range(5), 2, False)), len(U.BatchSampler(range(5), 2, False)), list(U.BatchSampler(range(5), 2, True)), len(U.BatchSampler(range(5), 2, True))
U.ConcatDataset([[1, 2], [3]])[2], U.ConcatDataset([[1, 2], [3]])[-3], len(U.ConcatDataset([[1, 2], [3]]))
[b.tolist() for b in U.DataLoader(t.arange(5), batch_sampler=U.BatchSampler(range(5), 2, False))], len(U.DataLoader(t.arange(5), batch_sampler=U.BatchSampler(range(5), 2, False)))
[b.tolist() for b in U.DataLoader(t.arange(5), 2, sampler=[4, 0, 2])], [b.item() for b in U.DataLoader(t.arange(3), batch_size=None)], len(U.DataLoader(t.arange(5), 2, sampler=[4, 0, 2]))
""".strip().splitlines()


def names(t):
    x = t.tensor([[1.0, 2.0, 4.5], [3.0, 5.0, 0.5]], requires_grad=True)
    return {
        **{"t": t, "nn": t.nn, "F": t.nn.functional, "D": t.distributions, "U": t.utils.data, "x": x},
        **{"v": t.tensor([1.5, 2.0, 3.0], requires_grad=True), "i": t.tensor([0, 2, 2])},
        "m": t.tensor([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]], requires_grad=True),
    }


def numbers(answer):
    """Answers as plain numbers; and the sum of all that has a slope, to be differentiated."""
    if isinstance(answer, torch.Tensor | dlcore.Tensor):
        return np.asarray(answer.detach()).astype(np.float64)
    if isinstance(answer, tuple | list):
        return [numbers(part) for part in answer]
    return str(answer) if isinstance(answer, torch.dtype | type(dlcore.float32)) else answer


def same(ours, theirs):
    if isinstance(ours, np.ndarray | list | float):
        if isinstance(ours, list):
            return len(ours) == len(theirs) and all(map(same, ours, theirs))
        return np.shape(ours) == np.shape(theirs) and np.allclose(ours, theirs, rtol=2e-5, atol=2e-6, equal_nan=True)
    return ours == theirs


def slope(answers, given):
    """The gradients of x, v, m from all answers that have one."""
    flat, total = [answers], 0
    for answer in flat:
        if isinstance(answer, tuple | list):
            flat.extend(answer)
        elif getattr(answer, "requires_grad", False):
            total = total + (answer * answer).sum()
    if getattr(total, "requires_grad", False):
        total.backward()
    return [None if g is None else np.asarray(g) for g in (given[name].grad for name in "xvm")]


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_line(line):
    answers, slopes = [], []
    for t in (dlcore, torch):
        t.manual_seed(0)
        given = names(t)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = eval(f"({line},)", given)
            answers.append(made)
            slopes.append(slope(made, given) if "rsample" not in line and "gumbel" not in line else None)
    for n, (ours, theirs) in enumerate(zip(*answers, strict=True)):
        assert same(numbers(ours), numbers(theirs)), (n, ours, theirs)
    if slopes[0] is not None and "nn.Bilinear" not in line and "Transformer" not in line and "PReLU" not in line:
        for name, ours, theirs in zip("xvm", *slopes, strict=True):
            assert (ours is None) == (theirs is None), name
            assert ours is None or np.allclose(ours, theirs, rtol=1e-4, atol=1e-4, equal_nan=True), name
