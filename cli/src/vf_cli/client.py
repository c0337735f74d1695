"""`vf`'s use of the API's client: problems become sentences and exit codes."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

import vf_client
from vf_cli import stack
from vf_cli.identity import Answer, who_answers
from vf_cli.output import CommandError, Exit
from vf_client import Client, Fitting, Photo, System, Watch
from vf_client.calls import LONGEST_WAIT, UNREACHABLE
from vfkit.contracts import Category
from vfkit.pictures import PictureKind
from vfkit.problems import OF_THE_PHOTO, Code

PROBE_TIMEOUT = 2.0
CALL_TIMEOUT = 60.0

NOT_A_GATEWAY = (KeyError, TypeError, ValueError)
"""What reading another server's answer as a system document ends in."""

PICTURE_CODES = OF_THE_PHOTO | {Code.UNSUPPORTED_IMAGE, Code.IMAGE_TOO_LARGE, Code.IMAGE_TOO_SMALL}
"""Problems that another picture mends; all others are the system's."""


class ProblemError(CommandError):
    """The gateway answered a problem (RFC 9457), or a fitting ended with one.

    Attributes:
        picture: another picture mends it.
        refused: the request was; False: an accepted fitting or photo failed.
        stage: where it happened, if a stage is to blame.
    """

    def __init__(self, error: vf_client.ProblemError) -> None:
        self.picture = error.code in PICTURE_CODES
        self.refused = not isinstance(error, vf_client.FittingFailedError | vf_client.PhotoFailedError)
        self.stage = error.stage
        where = f" [{self.stage}]" if self.stage else ""
        code = Exit.PICTURE if self.picture else Exit.SYSTEM
        super().__init__(code, f"{error.detail} ({error.code}){where}", error.document)


class GatewayClient:
    """Calls one gateway, with the API key of VF_API_KEY, or the local key where this checkout started the gateway.

    Args:
        url: its address.
        transport: a replacement for the network, for tests.
    """

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url
        self._client = Client(url, _key(url), timeout=CALL_TIMEOUT, transport=transport or _direct())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def system(self) -> System:
        """Engines and state of the six services.

        Raises:
            CommandError: it does not answer, or not as a gateway of ours.
        """
        try:
            with self._telling():
                return self._client.system()
        except NOT_A_GATEWAY as error:
            raise CommandError(Exit.SYSTEM, f"{self.url} is not a gateway of VF-Market fitting") from error

    def fit(
        self, person: bytes, garment: bytes, watch: Watch | None = None, *, category: Category = Category.AUTO
    ) -> Fitting:
        """A whole fitting.

        Args:
            person: a photo file.
            garment: a photo file.
            category: what the garment is sold as.
            watch: called with the fitting at each of its changes.

        Raises:
            ProblemError: it was refused, or failed.
        """
        with self._telling():
            # The gateway ends every fitting by itself, and it alone knows how long its engines take.
            return self._client.fit(person, garment, category=category.value, seconds=math.inf, watch=watch)

    @contextmanager
    def prepared(self, kind: PictureKind, image: bytes, *, category: Category = Category.AUTO) -> Iterator[Photo]:
        """A person or garment with everything that is made from it alone; deleted at the end of the context.

        Args:
            kind: which.
            image: a photo file.
            category: what a garment is sold as.

        Raises:
            ProblemError: it was refused, or cannot be used.
        """
        is_person = kind is PictureKind.PERSON
        delete = self._client.delete_person if is_person else self._client.delete_garment
        with self._telling():
            if is_person:
                photo = self._client.upload_person(image, wait=LONGEST_WAIT)
            else:
                photo = self._client.upload_garment(image, category=category.value, wait=LONGEST_WAIT)
            try:
                yield self._client.prepared(photo, seconds=math.inf)
            finally:
                with suppress(vf_client.ProblemError):  # what was wanted of it is here
                    delete(photo.id)

    def artifact(self, made: Fitting | Photo, name: str) -> bytes:
        """One picture of a finished fitting or of a photo, or its pose.json."""
        with self._telling():
            return self._client.artifact(made, name)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn the client's errors into the command's."""
        try:
            yield
        except vf_client.ProblemError as error:
            if error.code == UNREACHABLE:
                raise CommandError(Exit.SYSTEM, f"the gateway at {self.url} does not answer") from error
            raise ProblemError(error) from error


def _key(url: str) -> str | None:
    """What to show a gateway. The local key is for nobody else's."""
    if given := os.environ.get("VF_API_KEY"):
        return given
    is_here = url.startswith(("http://127.0.0.1:", "http://localhost:"))
    return stack.local_key() if is_here and answer_at(url) is Answer.OWN else None


def _direct() -> httpx.HTTPTransport:
    """No proxy stands between `vf` and a gateway, which is mostly on this machine."""
    return httpx.HTTPTransport()


def local_gateway() -> str:
    """Where the gateway of `vf up` answers on this machine.

    Raises:
        CommandError: VF_PORT_BASE is not a port.
    """
    return f"http://127.0.0.1:{stack.port_base()}"


def find_gateway() -> str | None:
    """The address of a running gateway: VF_GATEWAY (which must answer then), or the local one of this checkout.

    Raises:
        CommandError: VF_GATEWAY is set and nothing of ours answers there, or VF_PORT_BASE is not a port.
    """
    wanted = os.environ.get("VF_GATEWAY")
    if wanted:
        _require_ours(wanted)
        return wanted
    url = local_gateway()
    return url if answer_at(url) is Answer.OWN else None


def answer_at(url: str) -> Answer:
    """Who answers at an address of this machine."""
    return who_answers(url, _direct(), PROBE_TIMEOUT)


def _require_ours(wanted: str) -> None:
    code = None
    try:
        with Client(wanted, _key(wanted), timeout=CALL_TIMEOUT, attempts=1, transport=_direct()) as client:
            client.system()
            ours = True
    except vf_client.ProblemError as error:
        ours, code = False, error.code
    except (httpx.InvalidURL, *NOT_A_GATEWAY):
        ours = False
    if code == Code.UNAUTHORIZED:
        raise CommandError(Exit.SYSTEM, f"the gateway at {wanted} wants an API key: set VF_API_KEY")
    if not ours:
        raise CommandError(Exit.SYSTEM, f"VF_GATEWAY is {wanted}, where no gateway of VF-Market fitting answers")


def read_photo(path: Path) -> bytes:
    """A photo file's bytes.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(Exit.USAGE, f"{path} cannot be read: {error.strerror}") from error
