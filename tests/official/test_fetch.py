"""Downloads: a good file comes whole and checked, and a bad one never takes its place."""

import gzip
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from analysis.errors import RequestError
from analysis.official import examine
from analysis.official.fetch import Limits, fetch_files
from tests.official.server import Document, Site

# Where a test expects an answer, time is no matter; where it expects none, it should be short.
PATIENT = Limits(connect=20, read=20, total=60, most=200_000, tries=3)
HASTY = Limits(connect=20, read=0.2, total=60, most=200_000, tries=2, slowest=1e6)

CSV = b"cve_ent,month,deaths\n" + b"".join(b"%02d,2024-01,17\n" % n for n in range(1, 33)) * 90
NEWER = CSV + b"01,2024-02,18\n"
PAGE = b"<!DOCTYPE html>\n<html><body>No se encuentra la pagina</body></html>" * 90
OLD_DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


def packed(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


ZIP = packed({"data/defun.csv": CSV, "readme.txt": b"hola\n"}, zipfile.ZIP_STORED)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for loopback that nobody trusts who is not told to."""
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=loopback"]
    command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-addext", "keyUsage=digitalSignature,keyCertSign"]
    try:
        done = subprocess.run(
            [*command, "-keyout", path, "-out", f"{path}.crt"], capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("no openssl to make a certificate with")
    assert not done.returncode, done.stderr
    path.write_bytes(path.read_bytes() + path.with_name("loopback.pem.crt").read_bytes())
    return path


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def serving(certificate=None):
    site = Site(certificate)
    try:
        yield site
    finally:
        site.close()


@pytest.fixture
def site(certificate):
    with serving(certificate) as site:
        yield site


class Desk:
    """Fetches one file into a folder, and remembers the waits and the lines."""

    def __init__(self, site, folder, certificate):
        self.site, self.folder, self.certificate = site, folder, certificate
        self.waits, self.lines = [], []

    @property
    def file(self):
        return self.folder / "deaths.csv"

    def describe(self, **more):
        return {"name": "deaths", "path": f"{self.site.address}/deaths.csv"} | more

    def fetch(self, *files, limits=PATIENT, **options):
        options = {"wait": self.waits.append, "verify": self.certificate} | options
        files = files or (self.describe(),)
        return fetch_files(files, self.folder, limits=limits, tell=self.lines.append, **options)

    def one(self, *, limits=PATIENT, recognise=None, **more):
        return self.fetch(self.describe(**more), limits=limits, recognise=recognise)[0]

    def ranges(self):
        return [headers.get("Range") for _, headers in self.site.seen]


@pytest.fixture
def desk(site, tmp_path, certificate):
    site["/deaths.csv"] = Document(CSV, etag='"1"')
    return Desk(site, tmp_path / "files", certificate)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# What comes when all is well.


def test_a_new_file_comes_whole_with_its_particulars(desk):
    done = desk.one()
    assert desk.file.read_bytes() == CSV
    assert done | {"fetched": None} == {
        "name": "deaths",
        "status": "new",
        "path": str(desk.file),
        "bytes": len(CSV),
        "sha256": sha256(CSV),
        "fetched": None,
        "address": f"{desk.site.address}/deaths.csv",
        "error": None,
        "previous": None,
    }
    assert datetime.fromisoformat(done["fetched"]).utcoffset() == timedelta(0)
    assert desk.site.seen[0][1]["Accept-Encoding"] == "identity"
    assert "mexico-security-analysis" in desk.site.seen[0][1]["User-Agent"]
    assert sorted(path.name for path in desk.folder.iterdir()) == [
        ".fetch",
        "deaths.csv",
        "downloads.json",
    ]


def test_the_same_content_leaves_the_file_and_its_time_alone(desk):
    desk.site["/deaths.csv"] = Document(CSV)
    desk.one()
    os.utime(desk.file, (1, 1))
    assert desk.one()["status"] == "unchanged"
    assert desk.file.stat().st_mtime == 1
    assert desk.site.served == 2 * len(CSV)


def test_a_server_that_tells_states_apart_is_asked_for_another_one_only(desk):
    first = desk.one()
    again = desk.one()
    assert desk.site.seen[1][1]["If-None-Match"] == '"1"'
    assert (again["status"], desk.site.served) == ("unchanged", len(CSV))
    assert again["sha256"] == first["sha256"]
    desk.file.write_bytes(CSV + b"by hand")
    assert desk.one()["status"] == "changed", "the file in place was no longer the server's"


def test_another_content_is_new_data_and_the_old_one_stays_beside(desk):
    desk.one()
    desk.site["/deaths.csv"] = Document(NEWER, etag='"2"')
    done = desk.one()
    assert (done["status"], done["sha256"]) == ("changed", sha256(NEWER))
    assert done["previous"] == sha256(CSV)
    assert desk.file.read_bytes() == NEWER
    assert (desk.folder / "deaths.csv.previous").read_bytes() == CSV


def test_a_file_with_its_recorded_checksum_is_not_asked_for_again(desk):
    recorded = f"sha256:{sha256(CSV)}"
    assert desk.one(hash=recorded)["status"] == "new"
    assert desk.one(hash=recorded)["status"] == "unchanged"
    assert len(desk.site.seen) == 1


def test_a_checksum_that_came_later_is_held_against_what_is_there(desk):
    desk.one()
    done = desk.one(hash=f"sha256:{sha256(NEWER)}")
    assert "is not the recorded file" in done["error"]
    assert desk.file.read_bytes() == CSV


def test_archives_are_taken_as_they_are(desk):
    desk.site["/defun.zip"] = Document(ZIP)
    done = desk.one(path=f"{desk.site.address}/defun.zip")
    assert (done["status"], done["path"]) == ("new", str(desk.folder / "deaths.zip"))
    assert (desk.folder / "deaths.zip").read_bytes() == ZIP


def test_a_name_on_disk_where_the_address_has_none(desk):
    desk.site["/XPND.CD?format=csv"] = Document(ZIP)
    path = f"{desk.site.address}/XPND.CD?format=csv"
    assert desk.one(path=path, file="bank.zip")["path"] == str(desk.folder / "bank.zip")
    assert desk.one(path=path)["path"] == str(desk.folder / "deaths")


def test_a_body_in_pieces_without_a_length(desk):
    def answer(request):
        request.head(transfer_encoding="chunked")
        for start in range(0, len(CSV), 9999):
            piece = CSV[start : start + 9999]
            request.body(b"%x\r\n%s\r\n" % (len(piece), piece))
        request.body(b"0\r\n\r\n")

    desk.site["/deaths.csv"] = answer
    assert desk.one()["status"] == "new"
    assert desk.file.read_bytes() == CSV


def test_a_server_that_packs_unasked_is_understood(desk):
    small = gzip.compress(CSV)
    desk.site["/deaths.csv"] = Document(small, etag='"1"', headers={"Content_Encoding": "gzip"})
    assert desk.one()["status"] == "new"
    assert desk.file.read_bytes() == CSV


def test_the_format_is_that_of_the_descriptor(desk):
    done = desk.one(format="deaths", recognise=lambda path: "deaths" if path.is_file() else None)
    assert done["status"] == "new"


# What is tried again.


def test_a_cut_transfer_goes_on_from_where_it_was(desk):
    desk.site["/deaths.csv"] = Document(CSV, etag='"1"', cuts=[10_000, 5_000])
    assert desk.one()["status"] == "new"
    assert desk.file.read_bytes() == CSV
    assert desk.ranges() == [None, "bytes=10000-", "bytes=15000-"]
    assert desk.site.served == len(CSV)
    assert desk.waits == [2, 4]


def test_a_date_well_in_the_past_tells_states_apart_too(desk):
    desk.site["/deaths.csv"] = Document(CSV, modified=OLD_DATE, cuts=[10_000])
    assert desk.one()["status"] == "new"
    assert desk.site.seen[1][1]["If-Range"] == OLD_DATE
    assert (desk.file.read_bytes(), desk.site.served) == (CSV, len(CSV))


@pytest.mark.parametrize(
    "said", [{}, {"etag": 'W/"1"'}, {"modified": "Fri, 31 Dec 2100 00:00:00 GMT"}]
)
def test_without_a_sure_sign_of_its_state_a_file_comes_from_the_start(desk, said):
    desk.site["/deaths.csv"] = Document(CSV, cuts=[10_000], **said)
    assert desk.one()["status"] == "new"
    assert desk.ranges() == [None, None]
    assert desk.file.read_bytes() == CSV


def test_a_server_without_parts_starts_again(desk):
    desk.site["/deaths.csv"] = Document(CSV, etag='"1"', cuts=[10_000], ranges=False)
    assert desk.one()["status"] == "new"
    assert desk.file.read_bytes() == CSV
    assert desk.site.served == 10_000 + len(CSV)


def test_a_file_that_changed_meanwhile_is_not_spliced(desk):
    first = Document(CSV, etag='"1"', cuts=[10_000])
    second = Document(NEWER[::-1] + b"\n", etag='"2"')
    answers = iter([first, second])
    desk.site["/deaths.csv"] = lambda request: next(answers)(request)
    desk.one()
    assert desk.file.read_bytes() == second.content


@pytest.mark.parametrize(
    "said",
    [
        {"etag": '"2"'},
        {"content_range": f"bytes 9999-{len(CSV) - 1}/{len(CSV)}"},
        {"content_range": f"bytes 10000-{len(CSV)}/{len(CSV) + 1}"},
        {"content_range": "none"},
        {"content_encoding": "gzip"},
    ],
)
def test_a_part_that_does_not_fit_is_not_taken(desk, said):
    def wrong(request):
        sound = {"etag": '"1"', "content_range": f"bytes 10000-{len(CSV) - 1}/{len(CSV)}"}
        request.head(206, content_length=len(CSV) - 10_000, **sound | said)
        request.body(b"x" * (len(CSV) - 10_000))

    answers = iter([Document(CSV, etag='"1"', cuts=[10_000]), wrong, Document(CSV, etag='"1"')])
    desk.site["/deaths.csv"] = lambda request: next(answers)(request)
    assert desk.one()["status"] == "new"
    assert desk.file.read_bytes() == CSV
    assert desk.ranges() == [None, "bytes=10000-", None]
    assert desk.waits == [2], "a part that does not fit is no reason to wait"


def test_a_part_that_is_whole_already_is_fetched_anew(desk):
    """The server says 416 to who asks for what is behind the end."""
    desk.folder.mkdir()
    (desk.folder / "deaths.csv.part").write_bytes(CSV)
    notes = {"address": desk.describe()["path"], "validator": '"1"', "size": len(CSV)}
    (desk.folder / "deaths.csv.part.json").write_text(json.dumps(notes), "utf-8")
    assert desk.one()["status"] == "new"
    assert desk.file.read_bytes() == CSV


def test_a_part_of_another_address_is_not_continued(desk):
    desk.folder.mkdir()
    (desk.folder / "deaths.csv.part").write_bytes(b"x" * 100)
    notes = {"address": "https://example.org/deaths.csv", "validator": '"1"', "size": None}
    (desk.folder / "deaths.csv.part.json").write_text(json.dumps(notes), "utf-8")
    assert desk.one()["status"] == "new"
    assert (desk.ranges(), desk.file.read_bytes()) == ([None], CSV)


def failing(times, status, **headers):
    answers = iter([lambda request: request.head(status, content_length=0, **headers)] * times)
    return lambda request: next(answers, Document(CSV))(request)


def test_a_server_in_trouble_is_given_time_and_more_time(desk):
    desk.site["/deaths.csv"] = failing(3, 500)
    done = desk.one(limits=Limits(read=20, tries=4))
    assert (done["status"], desk.waits) == ("new", [2, 4, 8])
    assert "try 2 of 4 in 2 s" in desk.lines[1]


def test_a_server_that_asks_for_time_gets_it(desk):
    desk.site["/deaths.csv"] = failing(1, 429, retry_after=7)
    assert (desk.one()["status"], desk.waits) == ("new", [7])


def test_a_server_may_name_a_date(desk):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    desk.site["/deaths.csv"] = failing(1, 503, retry_after=date)
    assert desk.one()["status"] == "new"
    assert 0 < desk.waits[0] <= 40


def test_nonsense_for_a_time_is_no_time(desk):
    desk.site["/deaths.csv"] = failing(1, 503, retry_after="soon")
    assert (desk.one()["status"], desk.waits) == ("new", [2])


def test_who_asks_for_too_much_time_is_left_alone(desk):
    desk.site["/deaths.csv"] = failing(1, 429, retry_after=9999)
    done = desk.one()
    assert "asks to wait 9,999 s" in done["error"]
    assert (desk.waits, len(desk.site.seen)) == ([], 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 410])
def test_a_clear_no_is_not_asked_again(desk, status):
    desk.site["/deaths.csv"] = failing(1, status)
    done = desk.one(page="https://example.org/datos")
    assert f"the server answered {status}" in done["error"]
    assert "https://example.org/datos" in done["error"]
    assert (desk.waits, len(desk.site.seen)) == ([], 1)


# What is refused, whatever is in place.


def answer(status=200, body=b"", **headers):
    def send(request):
        request.head(status, **{"content_length": len(body)} | headers)
        request.body(body)

    return send


def announce(size):
    def send(request):
        request.head(content_length=size)
        request.stall()

    return send


def stall(request):
    request.stall()


def drip_headers(request):
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    request.drip()


def drip_body(request):
    request.head(content_length=len(CSV))
    request.drip()


def drip_lengths(request):
    request.head(transfer_encoding="chunked")
    request.body(b"5;")
    request.drip()


def endless(request):
    request.head(transfer_encoding="chunked", etag='"1"')
    while not request.site.over.is_set():
        request.body(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def until_close(request):
    request.head(etag='"1"')
    request.body(CSV)


def redirect(to):
    return lambda request: request.head(302, location=to, content_length=0)


# More than is unpacked of a small archive, which this is when packed.
MANY = b"1,2\n" * (17 * 2**20)
BOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
# What the server does; what the descriptor adds; a word of the message; and how patient to be.
FAULTS = {
    "silence before the headers": (stall, {}, "timed out", HASTY),
    "silence in the body": (announce(len(CSV)), {}, "timed out", HASTY),
    "headers drop by drop": (drip_headers, {}, "timed out", HASTY),
    "a body drop by drop": (drip_body, {}, "hardly sends anything", HASTY),
    "a body that takes too long": (
        drip_body,
        {},
        "not done within",
        Limits(read=20, total=0.2, tries=1),
    ),
    "lengths drop by drop": (
        drip_lengths,
        {},
        "not done within",
        Limits(read=20, total=0.2, tries=1),
    ),
    "a length longer than the body": (
        answer(body=CSV, content_length=len(CSV) + 9),
        {},
        "9 more expected.*tried 3 times",
        PATIENT,
    ),
    "a length shorter than the archive": (
        answer(body=ZIP, content_length=len(ZIP) // 2),
        {},
        "broken or cut-off zip",
        PATIENT,
    ),
    "a length shorter than the table": (
        answer(body=CSV, content_length=len(CSV) // 2),
        {"bytes": [len(CSV), 2 * len(CSV)]},
        "bytes; expected",
        PATIENT,
    ),
    "no length at all": (until_close, {}, "does not say how long", PATIENT),
    "too much announced": (announce(10**12), {}, "announces 1,000,000,000,000", PATIENT),
    "too much in pieces": (endless, {}, "sends more than it may", PATIENT),
    "too much when unpacked": (
        answer(body=gzip.compress(MANY), content_encoding="gzip"),
        {},
        "sends more than it may",
        PATIENT,
    ),
    "a redirect in a ring": (redirect("/deaths.csv"), {}, "redirects", PATIENT),
    "a redirect to a file": (redirect("file:///etc/hostname"), {}, "Only https", PATIENT),
    "a redirect to nowhere": (redirect("https://[oops/"), {}, "address|failed", PATIENT),
    "not there": (answer(404, b"no"), {}, "404", PATIENT),
    "in trouble for good": (answer(503, b"no"), {}, "503.*tried 3 times", PATIENT),
    "nothing": (answer(204), {}, "204", PATIENT),
    "a part nobody asked for": (answer(206, CSV), {}, "206", PATIENT),
    "an empty file": (answer(body=b""), {}, "is empty", PATIENT),
    "a web page": (answer(body=PAGE, content_type="text/html"), {}, "is a web page", PATIENT),
    "a web page called a table": (
        answer(body=PAGE, content_type="text/csv"),
        {"bytes": [1, 9], "hash": "sha256:" + "0" * 64},
        "is a web page",
        PATIENT,
    ),
    "another content than recorded": (
        answer(body=NEWER),
        {"hash": f"sha256:{sha256(CSV)}"},
        f"got sha256:{sha256(NEWER)}, expected sha256:{sha256(CSV)}",
        PATIENT,
    ),
    "larger than recorded": (answer(body=CSV), {"bytes": [1, 99]}, "expected 1 to 99", PATIENT),
    "another format": (answer(body=CSV), {"format": "conapo"}, 'is "deaths"', PATIENT),
    "an archive bomb": (
        answer(body=packed({"a.csv": MANY})),
        {},
        "unpacks to more than",
        PATIENT,
    ),
    "a gzip bomb": (answer(body=gzip.compress(MANY)), {}, "unpacks to more than", PATIENT),
    "a workbook bomb": (
        answer(body=packed(BOOK | {"xl/a.xml": MANY})),
        {},
        "unpacks to more than",
        PATIENT,
    ),
    "a way out of the folder": (
        answer(body=packed({"../../deaths.csv": CSV})),
        {},
        "leads out of the folder",
        PATIENT,
    ),
    "an archive cut short": (answer(body=ZIP[:-50]), {}, "broken or cut-off zip", PATIENT),
    "a picture": (answer(body=b"\x89PNG\r\n\x1a\n" + bytes(99)), {}, "neither text", PATIENT),
}


@pytest.fixture(params=FAULTS, ids=lambda name: name.replace(" ", "-"))
def fault(request, desk):
    desk.site["/deaths.csv"], more, words, limits = FAULTS[request.param]
    options = {"recognise": lambda path: "deaths"} if "format" in more else {}
    return lambda: desk.one(limits=limits, **more, **options), words


def left_over(folder):
    """Name what is in a folder besides the files and the record."""
    known = {".fetch", "downloads.json", "deaths.csv"}
    room = [path.name for path in (folder / ".fetch").iterdir() if path.name != "lock"]
    return [path.name for path in folder.iterdir() if path.name not in known] + room


def test_a_bad_download_is_told_and_leaves_nothing(fault, desk):
    fetch, words = fault
    done = fetch()
    assert (done["status"], done["path"], done["sha256"]) == ("failed", None, None)
    assert done["error"].startswith(f"deaths from {desk.site.address}/deaths.csv: ")
    assert "\n" not in done["error"]
    assert not desk.file.exists()
    assert left_over(desk.folder) == []
    assert re.search(words, done["error"]), done["error"]


def test_a_bad_download_leaves_the_good_file_alone(fault, desk):
    good = b"cve_ent,month,deaths\n01,2023-12,11\n"
    desk.folder.mkdir()
    desk.file.write_bytes(good)
    os.utime(desk.file, (1, 1))
    done = fault[0]()
    assert (done["status"], done["sha256"], done["bytes"]) == ("failed", sha256(good), len(good))
    assert (desk.file.read_bytes(), desk.file.stat().st_mtime) == (good, 1)
    assert left_over(desk.folder) == []


def test_a_file_of_less_than_half_the_size_is_suspicious(desk):
    desk.one()
    good = desk.file.read_bytes()
    desk.site["/deaths.csv"] = Document(CSV[: len(CSV) // 3], etag='"2"')
    done = desk.one()
    assert "less than half" in done["error"]
    assert desk.file.read_bytes() == good
    assert desk.one(bytes=[100, len(CSV)])["status"] == "changed", "the descriptor allows it"


def test_members_of_an_archive_count_together(desk, monkeypatch):
    monkeypatch.setattr(examine, "LARGEST", 100_000)
    content = packed({f"{n}.csv": CSV for n in range(4)})
    desk.site["/deaths.csv"] = Document(content)
    assert "unpacks to more than 100,000" in desk.one()["error"]


def test_an_archive_over_which_zipfile_stumbles(desk):
    content = packed({"a": b"x"}).replace(b"PK\x01\x02", b"PK\x01\x02", 1)
    nameless = bytearray(content)
    central = content.index(b"PK\x01\x02")
    nameless[central + 46] = 0x2F
    nameless[30] = 0x2F
    desk.site["/deaths.csv"] = Document(bytes(nameless))
    done = desk.one()
    assert done["status"] == "failed" and "\n" not in done["error"]


@pytest.mark.parametrize("sure", [{"hash": f"sha256:{sha256(CSV)}"}, {}])
def test_without_a_length_a_checksum_or_an_archive_makes_sure(desk, sure):
    def answer(request):
        request.head()
        request.body(CSV if sure else ZIP)

    desk.site["/deaths.csv"] = answer
    assert desk.one(**sure)["status"] == "new"


# TLS.


def test_a_redirect_within_tls_is_followed(desk):
    desk.site["/old.csv"] = redirect("/moved.csv")
    desk.site["/moved.csv"] = redirect(f"{desk.site.address}/deaths.csv")
    done = desk.one(path=f"{desk.site.address}/old.csv")
    assert (done["status"], done["address"]) == ("new", f"{desk.site.address}/old.csv")


def test_nobody_is_sent_round_for_ever(desk):
    desk.site["/deaths.csv"] = redirect("/deaths.csv")
    assert "more than 5 redirects" in desk.one()["error"]
    assert (len(desk.site.seen), desk.waits) == (6, [])


def test_the_body_of_a_redirect_is_not_waited_for(desk):
    def answer(request):
        request.head(302, location="/deaths.csv", content_length=10**12)
        request.stall()

    desk.site["/old.csv"] = answer
    done = desk.one(path=f"{desk.site.address}/old.csv", limits=Limits(read=9, tries=1))
    assert done["status"] == "new"


def test_a_redirect_out_of_tls_is_not_followed(desk):
    with serving() as plain:
        plain["/deaths.csv"] = Document(CSV)
        desk.site["/deaths.csv"] = redirect(f"{plain.address}/deaths.csv")
        done = desk.one()
        assert plain.seen == []
    assert "Only https is taken" in done["error"]
    assert (done["status"], desk.waits) == ("failed", [])


def test_an_address_without_tls_is_not_asked(desk):
    with serving() as plain:
        plain["/deaths.csv"] = Document(CSV)
        done = desk.one(path=f"{plain.address}/deaths.csv")
        assert plain.seen == []
    assert "Only https is taken" in done["error"]


def test_a_server_that_can_not_prove_who_it_is(desk):
    done = desk.fetch(verify=None)[0]
    assert "can not prove who it is" in done["error"]
    assert (desk.site.seen, desk.waits) == ([], [])


def test_the_authorities_of_the_environment_count(desk, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(desk.certificate))
    assert desk.fetch(verify=None)[0]["status"] == "new"


def test_nobody_at_the_address(desk):
    desk.site.close()
    done = desk.one()
    assert "Connection refused" in done["error"]
    assert desk.waits == [2, 4]


# Several files, and what is remembered of them.


def test_one_failing_file_does_not_stop_the_others(desk):
    names = ["first", "second", "third"]
    for name in names:
        desk.site[f"/{name}.csv"] = Document(CSV + name.encode() + b",1\n")
    desk.site["/second.csv"] = answer(404)
    files = [desk.describe(name=name, path=f"{desk.site.address}/{name}.csv") for name in names]
    assert [done["status"] for done in desk.fetch(*files)] == ["new", "failed", "new"]
    record = json.loads((desk.folder / "downloads.json").read_text("utf-8"))["files"]
    assert list(record) == names
    assert record["first"]["path"] == "first.csv"
    assert "404" in record["second"]["error"]


def test_the_record_keeps_what_is_not_fetched_this_time(desk):
    first = desk.one()
    desk.site["/b.csv"] = Document(NEWER)
    desk.one(name="b", path=f"{desk.site.address}/b.csv")
    record = json.loads((desk.folder / "downloads.json").read_text("utf-8"))["files"]
    assert record["deaths"]["fetched"] == first["fetched"]
    assert record["b"]["sha256"] == sha256(NEWER)


def test_a_failure_keeps_what_is_known_of_the_file_in_place(desk):
    first = desk.one()
    desk.site["/deaths.csv"] = answer(404)
    assert desk.one()["fetched"] == first["fetched"]
    desk.site["/deaths.csv"] = Document(CSV, etag='"1"')
    assert desk.one()["status"] == "unchanged"
    assert desk.site.seen[-1][1]["If-None-Match"] == '"1"'


def test_a_broken_record_is_named(desk):
    desk.folder.mkdir()
    (desk.folder / "downloads.json").write_text("{", "utf-8")
    with pytest.raises(RequestError, match=r"downloads.json .*delete it"):
        desk.one()
    assert desk.site.seen == []


def test_a_file_without_an_address_is_left_to_people(desk):
    page = "https://example.org/datos-abiertos"
    done = desk.fetch({"name": "victims", "page": page})[0]
    assert (done["status"], done["address"], done["path"]) == ("by hand", page, None)
    assert f"browser from {page} and take it in with `analysis data import FILE`" in done["error"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../deaths"},
        {"name": "/elsewhere/deaths"},
        {"name": "a/b"},
        {"name": "a\\b"},
        {"name": ""},
        {"name": ".hidden"},
        {"file": "../../deaths.csv"},
        {"file": "downloads.json"},
        {"file": "other.csv.part"},
        {"file": "other.csv.previous"},
        {"path": None},
        {"path": "https://[oops/deaths.csv"},
        {"hash": "md5:0"},
        {"bytes": [9, 1]},
        {"bytes": [1]},
    ],
)
def test_a_wrong_descriptor_starts_nothing(desk, wrong):
    with pytest.raises(RequestError):
        desk.fetch(desk.describe(name="sound"), desk.describe(**wrong))
    assert desk.site.seen == []
    assert not desk.folder.exists()


@pytest.mark.parametrize("other", [{"name": "other", "file": "deaths.csv"}, {"file": "b.csv"}])
def test_two_files_can_not_have_one_name(desk, other):
    with pytest.raises(RequestError, match="two descriptors .* deaths"):
        desk.fetch(desk.describe(), desk.describe(**other))


@pytest.mark.parametrize("name", ["connect", "total", "most", "tries"])
def test_limits_are_more_than_nothing(name):
    with pytest.raises(RequestError, match=name):
        Limits(**{name: 0})


# Interruptions.


def interrupt(_):
    raise KeyboardInterrupt


def test_an_interruption_keeps_good_files_and_the_part(desk):
    desk.site["/b.csv"] = Document(CSV, etag='"1"', cuts=[10_000])
    files = [desk.describe(), desk.describe(name="b", path=f"{desk.site.address}/b.csv")]
    with pytest.raises(KeyboardInterrupt):
        desk.fetch(*files, wait=interrupt)
    record = json.loads((desk.folder / "downloads.json").read_text("utf-8"))["files"]
    assert list(record) == ["deaths"]
    assert (desk.folder / "b.csv.part").stat().st_size == 10_000
    assert [done["status"] for done in desk.fetch(*files)] == ["unchanged", "new"]
    assert desk.ranges()[-1] == "bytes=10000-"
    assert (desk.folder / "b.csv").read_bytes() == CSV
    assert left_over(desk.folder) == ["b.csv"]


def test_a_failure_keeps_the_part_for_the_next_run_and_says_so(desk):
    desk.site["/deaths.csv"] = Document(CSV, etag='"1"', cuts=[10_000, 5_000, 100])
    assert "the next run goes on from there" in desk.one()["error"]
    assert desk.one()["status"] == "new"
    assert (desk.file.read_bytes(), desk.site.served) == (CSV, len(CSV))


def test_two_commands_do_not_fetch_into_one_folder(desk):
    done = desk.one(recognise=lambda path: desk.one()["status"], format="deaths")
    assert "another command is fetching" in done["error"]


SCRIPT = """
import json, resource, sys
from pathlib import Path
from analysis.official.fetch import fetch_files

file, folder, authority, most = sys.argv[1:]
if int(most):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
print(json.dumps(fetch_files([json.loads(file)], Path(folder), verify=Path(authority))))
"""


def start(desk, most=0):
    """Fetch in a process of its own, in which no file may grow over ``most`` bytes."""
    file = json.dumps(desk.describe())
    command = [sys.executable, "-c", SCRIPT, file, desk.folder, desk.certificate, str(most)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_after_a_kill_the_next_run_goes_on(desk):
    def half(request):
        request.head(content_length=len(CSV), etag='"1"')
        request.body(CSV[:20_000])
        request.stall()

    answers = iter([half, Document(CSV, etag='"1"')])
    desk.site["/deaths.csv"] = lambda request: next(answers)(request)
    part = desk.folder / "deaths.csv.part"
    process = start(desk)
    try:
        for _ in range(600):
            if part.is_file() and part.stat().st_size == 20_000:
                break
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not desk.file.exists()
    assert desk.one()["status"] == "new"
    assert (desk.ranges(), desk.site.served) == ([None, "bytes=20000-"], len(CSV))
    assert desk.file.read_bytes() == CSV
    assert left_over(desk.folder) == []


def test_a_full_disk_is_told_in_a_line(desk):
    pytest.importorskip("resource")
    process = start(desk, most=10_000)
    told, faults = process.communicate()
    done = json.loads(told)[0]
    assert done["status"] == "failed"
    assert "deaths.csv can not be written (File too large); make room" in done["error"]
    assert (process.returncode, faults) == (0, "")
    assert not desk.file.exists()
