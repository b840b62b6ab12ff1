"""Figures of learning: loss and error over updates; raster, readout and eligibility of a trial."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure


def learning_curve(history, ax=None):
    """Draw the loss, and the error where there is one, over updates; return the axes.

    Parameters
    ----------
    history : DataFrame
        With ``update``, ``loss`` and ``error``.
    ax : Axes, optional
    """
    ax = ax if ax is not None else plt.subplots()[1]
    ax.plot(history["update"], history["loss"], color="k", lw=1)
    ax.set(xlabel="update", ylabel="loss")
    if history["error"].notna().any():
        right = ax.twinx()
        right.plot(history["update"], 100 * history["error"].rolling(8, min_periods=1).mean(), color="C3", lw=1)
        right.set_ylabel("error, mean of 8 updates (%)", color="C3")
    return ax


def beside(history, ax=None):
    """Draw the share of test samples answered right over epochs, a curve a learner; return the axes.

    Parameters
    ----------
    history : DataFrame
        With ``learner``, ``epoch``, ``test_right`` and ``n_test``.
    ax : Axes, optional
    """
    ax = ax if ax is not None else plt.subplots()[1]
    for learner, rows in history.groupby("learner", sort=False):
        ax.plot(rows.epoch, 100 * rows.test_right / rows.n_test, "o-", ms=3, label=learner)
    ax.set(xlabel="epoch", ylabel="test samples answered right (%)")
    ax.legend(frameon=False)
    return ax


def side_by_side(histories, ax=None):
    """Draw the error of several trainings over samples, or the loss where there is no error; return the axes.

    Parameters
    ----------
    histories : dict of DataFrame
        With ``samples``, ``loss`` and ``error``, by the name that the legend shows.
    ax : Axes, optional
    """
    ax = ax if ax is not None else plt.subplots(layout="constrained")[1]
    classified = all(history["error"].notna().any() for history in histories.values())
    for name, history in histories.items():
        shown = 100 * history["error"] if classified else history["loss"]
        ax.plot(history["samples"], shown.rolling(8, min_periods=1).mean(), lw=1, label=name)
    ax.set(xlabel="samples", ylabel="error, mean of 8 updates (%)" if classified else "loss, mean of 8 updates")
    ax.legend(frameon=False)
    return ax


def raster(i, t, ax=None):
    """Draw spikes of neurons i at steps t; return the axes."""
    ax = ax if ax is not None else plt.subplots()[1]
    ax.plot(t, i, "|k", ms=2)
    ax.set(xlabel="step", ylabel="neuron")
    return ax


def traces(values, label: str, ax=None):
    """Draw curves [steps, curves] over steps, e.g. readouts or eligibilities; return the axes."""
    ax = ax if ax is not None else plt.subplots()[1]
    ax.plot(np.asarray(values), lw=1)
    ax.set(xlabel="step", ylabel=label)
    return ax


def trial(record):
    """Draw a recorded trial: input, network, readout, eligibility; return the figure.

    Parameters
    ----------
    record : dict
        As :func:`brian2chip.learning.record.record` returns it.
    """
    figure = Figure(figsize=(8, 8), layout="constrained")  # apart from pyplot's: a notebook shows those besides what is returned
    a, b, c, d = figure.subplots(4, 1, sharex=True)
    raster(record["input_i"], record["input_t"], a).set(ylabel="input", xlabel="")
    raster(record["rec_i"], record["rec_t"], b).set(xlabel="")
    traces(record["readout"], "readout", c).set(xlabel="")
    traces(record["eligibility"], "eligibility", d)
    return figure
