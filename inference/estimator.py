"""The density estimator: a normalising flow of the package sbi that gives the posterior of any data, once it is trained."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: The flow, chosen by its density at held-out simulations (docs/posterior.md).
FLOW = {"model": "maf", "hidden_features": 50, "num_transforms": 5}
#: How it is trained: step of Adam, epochs without a better density at a tenth that is held out, and epochs at most.
TRAINING = {"learning_rate": 2e-3, "stop_after_epochs": 10, "max_num_epochs": 100}
#: Simulations a batch, and batches an epoch where there are fewer.
BATCH, BATCHES = 1_000, 20
#: Shares are kept so far from 0 and 1, where their logit is not finite.
EDGE = 1e-9
#: Numbers that are sampled at once.
MOST = 2_000_000


@dataclass(frozen=True)
class Estimator:
    """A trained flow; parameters are shares of the prior's ranges, data are in any unit in which ``sem`` is.

    Attributes
    ----------
    flow : object
        Of sbi; of logits of shares, given data.
    sem : array [points]
    """

    flow: Any
    sem: np.ndarray

    def sample(self, data: np.ndarray, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return draws [data sets, n, parameters] for each of several data sets [data sets, points], and their log densities."""
        import torch

        data = np.atleast_2d(data)
        size = max(1, MOST // (n * data.shape[1]))
        drawn = []
        with _repeatable(seed), torch.no_grad():
            for first in range(0, len(data), size):
                some = torch.as_tensor(_seen(data[first : first + size], self.sem))
                drawn.append(self.flow.sample((n,), condition=some).transpose(0, 1).double().numpy())
        share = _share(np.concatenate(drawn))
        return share, self.log_density(share, data)

    def log_density(self, share: np.ndarray, data: np.ndarray) -> np.ndarray:
        """Return the log density [data sets, n] of shares [data sets, n, parameters], each row under its data set."""
        import torch

        data, found = np.atleast_2d(data), []
        with torch.no_grad():
            for one, given in zip(share, data):
                logits = torch.as_tensor(_logit(one)[:, None])
                found.append(self.flow.log_prob(logits, condition=torch.as_tensor(_seen(given[None], self.sem)))[:, 0].double().numpy())
        return np.array(found) - _log_slope(share)


def check_sbi() -> None:
    """Refuse to begin without sbi.

    Raises
    ------
    UserError
        With how to install it.
    """
    if importlib.util.find_spec("sbi") is None or importlib.util.find_spec("torch") is None:
        raise UserError("posteriors are estimated by the package sbi; install it with pip install 'brian2chip[posterior]'.")


def trained(share: np.ndarray, data: np.ndarray, sem: np.ndarray, seed: int) -> Estimator:
    """Return an estimator trained on parameters as shares of the prior [sets, parameters] and data with errors [sets, points].

    Neural posterior estimation (Papamakarios & Murray 2016; Greenberg et al. 2019) in one round, so that it holds for all data.
    """
    import torch
    from sbi.inference import NPE  # loads torch and more
    from sbi.neural_nets import posterior_nn

    began = time.monotonic()
    with _quiet(), _repeatable(seed):
        inference = NPE(density_estimator=posterior_nn(**FLOW), tracker=_NOWHERE, show_progress_bars=False)
        inference.append_simulations(torch.as_tensor(_logit(share)), torch.as_tensor(_seen(data, sem)))
        flow = inference.train(training_batch_size=min(BATCH, len(share) // BATCHES), **TRAINING)
    flow.eval()
    seconds, epochs = time.monotonic() - began, inference.summary["epochs_trained"][-1]
    logger.info("the density estimator was trained on %d simulations for %d epochs in %.0f s", len(share), epochs, seconds)
    return Estimator(flow, sem)


#: sbi would write what it logs into a folder of its own.
_NOWHERE = SimpleNamespace(
    log_dir=None,
    log_metric=lambda *_, **__: None,
    log_metrics=lambda *_, **__: None,
    log_params=lambda *_: None,
    add_figure=lambda *_, **__: None,
    flush=lambda: None,
)


@contextlib.contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """Let torch draw from a seed and add in one order, in one thread, which is the faster way for a small flow; then all is as it was."""
    import torch

    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let sbi print and warn of nothing."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _seen(data: np.ndarray, sem: np.ndarray) -> np.ndarray:
    """Return data as the flow is given them: in standard errors, and large ones on the scale of their logarithm."""
    return np.arcsinh(data / sem).astype(np.float32)


def _logit(share: np.ndarray) -> np.ndarray:
    inside = np.clip(share, EDGE, 1 - EDGE)
    return np.log(inside / (1 - inside)).astype(np.float32)


def _share(logit: np.ndarray) -> np.ndarray:
    return np.clip(1 / (1 + np.exp(-logit)), EDGE, 1 - EDGE)


def _log_slope(share: np.ndarray) -> np.ndarray:
    """Return the logarithm of the product of d share / d logit."""
    return np.log(share * (1 - share)).sum(axis=-1)
