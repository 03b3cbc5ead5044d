"""HTTP/1.1 to vendors, with the honest answer to "may it have arrived?".

`wire.py` has the request's bytes, `connection.py` one exchange on one connection, `client.py` the connections to all
hosts. Written here because of that question, on which "sent once" stands: client libraries repeat requests on their own
and hide whether a byte had left. That it costs a quarter of theirs is the second reason (bench/deliver.py).
"""

from container.delivery.http.client import Http
from container.delivery.http.wire import ANSWER_MOST, Answer, NoAnswer, NotSent, Sender, Unsendable, Wire

__all__ = ["ANSWER_MOST", "Answer", "Http", "NoAnswer", "NotSent", "Sender", "Unsendable", "Wire"]
