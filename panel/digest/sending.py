"""The sending of a week's mail: slowly, to everybody once, and on from where a killed one stopped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from panel.digest.letter import Letter
from panel.digest.message import Envelope, Mailers
from panel.digest.smtp import BROKEN, SmtpSession
from panel.domain.mailing import Delivery, DeliveryState, Subscriber
from panel.errors import MailError
from panel.ports import Clock
from panel.store.sql.subscribers import SubscriberStore

_MOST_FAULTS: Final = 3  # in a row, before the server is left alone
_CONTENT: Final = "the mail itself was refused"
_LEFT_ALONE: Final = frozenset({"sent", "refused", "sending", "unsure"})


@dataclass
class SendReport:
    """What became of the mails of one `send`; `earlier` counts those that need none any more.

    `damaged` has the addresses of readers who got none, since their rows cannot be read.
    """

    counts: dict[DeliveryState, int] = field(default_factory=dict)
    earlier: int = 0
    damaged: list[str] = field(default_factory=list)
    fault: MailError | None = None

    @property
    def is_incomplete(self) -> bool:
        """Whether a further `send` has something to do, or somebody to ask about."""
        is_left = bool({"deferred", "unsure"} & self.counts.keys())
        return self.fault is not None or is_left or bool(self.damaged)

    def add(self, state: DeliveryState) -> None:
        """Count one mail."""
        self.counts[state] = self.counts.get(state, 0) + 1


@dataclass(frozen=True)
class Sending:
    """One process that sends the mail of a week.

    Before a mail is handed over, its row says `sending`; what the server answers comes after. A process
    that dies between the two leaves the row as it is, and nobody can know whether the mail arrived: it
    is not sent again, unless `unsure_too`. So nobody gets a mail twice, and at most one reader a crash
    misses one.

    A refused address is given up once the server takes a mail after it, or at the end of the list if it
    has taken any and fewer than three in a row were refused: a server that refuses everybody says
    nothing of the addresses. Else its mail is put off, and what was put off is tried after all others.
    What another process has written of a mail meanwhile stays.
    """

    week: str
    store: SubscriberStore
    letter: Letter
    envelope: Envelope
    session: SmtpSession
    clock: Clock
    rate: float
    wait: Callable[[float], object]
    unsure_too: bool = False

    def run(self, tell: Callable[[int], None]) -> SendReport:
        """Return what became of the mails; `tell` is told after each how many were tried."""
        report, mailers = SendReport(), Mailers(self.letter, self.envelope)
        if self.unsure_too:
            self.store.reopen(self.week)
        refused: dict[str, Delivery] = {}
        faults = tried = 0
        next_at = self.clock.monotonic()
        for reader in self._readers(report):
            self.wait(max(0.0, next_at - self.clock.monotonic()))
            next_at = max(next_at, self.clock.monotonic()) + 1 / self.rate
            try:
                delivery = self._send(reader.address, mailers.make(reader))
            except MailError as error:
                report.fault = error
                break
            if delivery is None:
                report.earlier += 1
                continue
            if delivery.state == "refused":
                refused[reader.address] = delivery
            else:
                report.add(delivery.state)
            if delivery.state == "sent":
                self._give_up(refused, report)
            tried += 1
            tell(tried)
            faults = faults + 1 if _is_fault_of_server(delivery) else 0
            if faults >= _MOST_FAULTS:
                report.fault = self._stopped(delivery)
                break
        if report.fault is None and "sent" in report.counts:
            self._give_up(refused, report)
        self._put_off(refused, report)
        return report

    def _readers(self, report: SendReport) -> Iterator[Subscriber]:
        """Yield who is to get the mail: first those who were not tried yet."""
        done = self.store.deliveries(self.week)
        for reader in self.store.subscribers(report.damaged.append):
            if done.get(reader.address) in _LEFT_ALONE:
                report.earlier += 1
            elif reader.address not in done:
                yield reader
        if "deferred" in done.values():
            for reader in self.store.subscribers(lambda _: None):
                if done.get(reader.address) == "deferred":
                    yield reader

    def _send(self, address: str, mail: bytes) -> Delivery | None:
        """Return what became of a mail, written down but where its address was refused."""
        claimed = False

        def claim() -> bool:
            nonlocal claimed
            claimed = self.store.claim(self.week, address, self.clock.now())
            return claimed

        try:
            delivery = self.session.send(address, mail, claim)
        except MailError as error:
            if claimed:  # and not handed over: else no second session is tried
                self._settle(address, Delivery(state="deferred", answer=str(error)))
            raise
        if delivery is None:
            return None
        if delivery.state == "refused" and claimed:  # the mail, and not the address
            delivery = Delivery(state="deferred", answer=f"{_CONTENT}: {delivery.answer}")
        if claimed:
            self._settle(address, delivery)
        elif delivery.state != "refused" and not self._settle_unclaimed(address, delivery):
            return None
        return delivery

    def _give_up(self, refused: dict[str, Delivery], report: SendReport) -> None:
        """Send no further mail to addresses that the server refused."""
        while refused:
            address, delivery = refused.popitem()
            if self._settle_unclaimed(address, delivery):
                self.store.mark_dead(address, self.clock.now())
                report.add(delivery.state)
            else:
                report.earlier += 1

    def _put_off(self, refused: dict[str, Delivery], report: SendReport) -> None:
        """Leave addresses of which the server's refusal says nothing to the next `send`."""
        for address, delivery in refused.items():
            deferred = Delivery(state="deferred", answer=delivery.answer)
            if self._settle_unclaimed(address, deferred):
                report.add(deferred.state)
            else:
                report.earlier += 1

    def _settle(self, address: str, delivery: Delivery) -> None:
        self.store.settle(self.week, address, delivery, self.clock.now())

    def _settle_unclaimed(self, address: str, delivery: Delivery) -> bool:
        return self.store.settle_unclaimed(self.week, address, delivery, self.clock.now())

    def _stopped(self, delivery: Delivery) -> MailError:
        bad = (
            f"; `shipskip digest export --results {self.week}` lists the refused addresses: name those "
            "that are dead to `shipskip digest bounce`"
        )
        return MailError(
            f"{_MOST_FAULTS} mails in a row were not taken ({delivery.answer}). Look at the server"
            f"{bad if delivery.state == 'refused' else ''}, and run the same command again: nobody "
            "gets the mail twice."
        )


def _is_fault_of_server(delivery: Delivery) -> bool:
    """Tell whether a mail failed by what a server also does that takes no mail of ours."""
    return delivery.state == "refused" or delivery.answer.startswith((BROKEN, _CONTENT))
