"""Send SPI transactions to a chip, and read its memories back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from brian2chip.bench.folder import READBACK, BenchFolder, Transaction
from brian2chip.bench.transport import Transport
from brian2chip.errors import UserError

#: Transactions that are handed to a transport at once.
AT_ONCE = 1024
#: How a folder is programmed: its programs, one after the other.
PROGRAMS = {"full": ("full",), "clear": ("clear", "sparse"), "sparse": ("sparse",)}


def send(transport: Transport, transactions: Sequence[Transaction], report: Callable[[float], None] = lambda _: None) -> None:
    """Send transactions in order."""
    for k in range(0, len(transactions), AT_ONCE):
        transport.transfer([word for words in transactions[k : k + AT_ONCE] for word in words])
        report(min(1.0, (k + AT_ONCE) / len(transactions)))


def program(folder: BenchFolder, transport: Transport, how: str, report: Callable[[float], None] = lambda _: None) -> int:
    """Reset the chip and program it; returns the number of transactions.

    Parameters
    ----------
    folder : BenchFolder
    transport : Transport
    how : {"full", "clear", "sparse"}
        Everything; the clear and then what is used; or what is used alone, where the memories are known to be zero.
    report : callable
        Of the fraction done.
    """
    reset = folder.document["reset"]
    transactions = [one for name in PROGRAMS[how] for one in folder.program(name)]
    transport.reset(reset["hold_cycles"], reset["wait_cycles"])
    send(transport, transactions, report)
    return len(transactions)


def verify(folder: BenchFolder, transport: Transport, file: str, report: Callable[[float], None] = lambda _: None) -> pd.DataFrame:
    """Read back what a list names and return it with a column ``got``.

    Parameters
    ----------
    folder : BenchFolder
    transport : Transport
    file : str
        The list, in the folder.
    report : callable
        Of the fraction done.
    """
    about = folder.document["readback"]
    table = folder.table({"file": file}, READBACK)
    send(transport, folder.transactions(about["before"], "before of readback"))
    got: list[int] = []
    mask = 0xFF if folder.word_bits == 20 else 0xFFFFFFFF
    addresses = table.address.tolist()
    for k in range(0, len(addresses), AT_ONCE):
        asked = addresses[k : k + AT_ONCE]
        words = transport.transfer([word for address in asked for word in (address, 0)])
        if len(words) != 2 * len(asked):
            raise UserError(
                f"the transport answered {len(words)} words to {2 * len(asked)} from address {asked[0]:0{folder.word_bits // 4}x} on."
            )
        got += [word & mask for word in words[1::2]]
        report(min(1.0, (k + AT_ONCE) / len(addresses)))
    send(transport, folder.transactions(about["after"], "after of readback"))
    return table.assign(got=got)


def first_wrong(table: pd.DataFrame, folder: BenchFolder, when: str) -> str | None:
    """Return the first difference of a read-back in one sentence."""
    wrong = table[table.expected != table.got]
    if wrong.empty:
        return None
    row, digits, value = wrong.iloc[0], folder.word_bits // 4, 2 if folder.word_bits == 20 else 8
    part = "byte" if folder.word_bits == 20 else "part"
    return (
        f"read back {when}, address {row.address:0{digits}x} ({row.memory}, word {row.word}, {part} {row.part}): "
        f"expected {row.expected:0{value}x}, got {row.got:0{value}x}"
    )
