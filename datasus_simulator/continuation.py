"""Continue: the further pages of a query whose results did not fit into one reply."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from datasus_simulator.behaviours import Behaviours
from datasus_simulator.pdq_query import Question
from datasus_simulator.people import Person
from datasus_simulator.soap_message import Heading, Identifier, Message, SoapFault, identifier, quantity, require

_MAX_OPEN_QUERIES = 1000  # queries; older ones make room
_WAITING = "waitContinuedQueryResponse"


@dataclass(frozen=True, slots=True)
class Continuation:
    heading: Heading
    query_id: Identifier
    start: int | None = None  # counted from 1; the next person not shown yet where it is not said
    quantity: int | None = None


def read_continuation(message: Message) -> Continuation:
    """Of a message QUQI_IN000003UV01. Raises SoapFault."""
    wanted = require(message.body, "controlActProcess/queryContinuation", "Falta queryContinuation.")
    query_id = identifier(require(wanted, "queryId", "Falta queryId."))
    if require(wanted, "statusCode", "Falta statusCode.").get("code") != _WAITING:
        raise SoapFault(f"statusCode deve ser {_WAITING}.")
    start, number = quantity(wanted, "startResultNumber"), quantity(wanted, "continuationQuantity")
    return Continuation(message.heading, query_id, start, number)


@dataclass(frozen=True, slots=True)
class OpenQuery:
    """A query with people left to show: how it was asked, whom it found, and from where to go on."""

    question: Question
    people: Sequence[Person]
    behaviours: Behaviours
    page_size: int
    shown: int  # people up to here have been


class OpenQueries:
    """By the certificate whose token asked and the query's own identifier: nobody goes on with another's query."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, Identifier], OpenQuery] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, client: str, query: OpenQuery) -> None:
        with self._lock:
            self._open[client, query.question.query_id] = query
            while len(self._open) > _MAX_OPEN_QUERIES:
                self._open.popitem(last=False)

    def find(self, client: str, query_id: Identifier) -> OpenQuery | None:
        return self._open.get((client, query_id))

    def forget(self) -> None:
        with self._lock:
            self._open.clear()
