"""Letters: what the bytes mean, what was decoded wrongly before, and what is lost."""

import pytest

from analysis.errors import RequestError
from analysis.official.encoding import settle_letters
from tests.official.given import give, read_one

WORDS = (
    *("Año", "Bien jurídico afectado", "Michoacán", "México", "Nuevo León", "Querétaro"),
    *("San Luis Potosí", "Yucatán", "Extorsión", "Álvaro Obregón", "Ñumí", "Güémez", "Peñasco"),
)
PAIRS = [
    ("cp1252", "utf-8"),
    ("latin-1", "utf-8"),
    ("mac_roman", "utf-8"),
    ("cp437", "utf-8"),
    ("cp850", "utf-8"),
    ("mac_roman", "cp1252"),
    ("cp1252", "mac_roman"),
    ("cp850", "cp1252"),
    ("cp437", "cp1252"),
    ("cp1252", "cp850"),
]


def stored(texts, encoding="utf-8"):
    """Write texts as their bytes, one byte a character."""
    return [text.encode(encoding).decode("latin-1") for text in texts]


def misread(text, read, meant):
    data = text.encode(meant)
    if read != "cp1252":
        return data.decode(read)
    gaps = b"\x81\x8d\x8f\x90\x9d"
    return "".join(bytes([b]).decode("latin-1" if b in gaps else read) for b in data)


def texts_of(values):
    letters = settle_letters(values, where="a file")
    return letters, [letters.read(value) for value in values]


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "utf-8"), ("latin-1", "latin-1"), ("cp1252", "latin-1")]
)
def test_encodings_in_use(encoding, name):
    letters, texts = texts_of(stored(WORDS, encoding))
    assert texts == list(WORDS)
    assert letters.encoding == name
    assert not letters.repaired


def test_signs_that_only_windows_has():
    letters, texts = texts_of(stored(["Año", "O’Horán", "Uno – dos"], "cp1252"))
    assert letters.encoding == "cp1252"
    assert texts == ["Año", "O’Horán", "Uno – dos"]


def test_ascii():
    assert settle_letters(["Sonora", "1"], where="a file").encoding == "ascii"


@pytest.mark.parametrize(("read", "meant"), PAIRS)
@pytest.mark.parametrize("words", [WORDS, WORDS[:2], WORDS[:9]], ids=["all", "two", "nine"])
def test_text_decoded_wrongly_and_saved_again_is_repaired(read, meant, words):
    letters, texts = texts_of(stored(misread(word, read, meant) for word in words))
    assert texts == list(words)
    assert set(letters.repaired.values()) == set(words)
    assert not letters.strange


@pytest.mark.parametrize("times", [2, 3])
def test_text_decoded_wrongly_several_times(times):
    words = list(WORDS)
    for _ in range(times):
        words = [misread(word, "cp1252", "utf-8") for word in words]
    assert texts_of(stored(words))[1] == list(WORDS)


@pytest.mark.parametrize(
    ("wrong", "right"), [("AÒo", "Año"), ("jurÌdico", "jurídico"), ("AÃ±o", "Año")]
)
def test_the_examples_of_the_wild(wrong, right):
    letters, texts = texts_of(stored([wrong]))
    assert texts == [right]
    assert letters.repaired == {wrong: right}


def test_what_is_right_beside_what_is_damaged_stays():
    letters, texts = texts_of(stored(["AÃ±o", "México", "Nuevo LeÃ³n"]))
    assert texts == ["Año", "México", "Nuevo León"]
    assert set(letters.repaired) == {"AÃ±o", "Nuevo LeÃ³n"}


def test_two_damages_with_one_meaning_each_are_repaired():
    letters, texts = texts_of(stored(["AÃ±o", "jurÌdico"]))
    assert texts == ["Año", "jurídico"]
    assert len(letters.misreadings) == 2


def test_the_raw_bytes_of_a_mac_and_of_dos_are_read():
    for encoding in ("mac_roman", "cp850"):
        assert texts_of(stored(WORDS, encoding))[1] == list(WORDS)


@pytest.mark.parametrize("text", ["A\ufffdo", "M?xico", "Michoac\ufffdn", "Extorsiï¿½n"])
def test_lost_letters_are_refused_with_an_example(text):
    with pytest.raises(RequestError, match="letters are lost in"):
        settle_letters(stored([text, "Yucatán"]), where="a file")


def test_a_question_mark_that_is_no_letter():
    texts = ["¿Dónde?", "https://host.mx/a?b=c", "Qué?"]
    assert texts_of(stored(texts))[1] == texts


def test_letters_of_other_languages_are_kept_and_told():
    names = ["Curaçao", "Côte d'Ivoire", "São Tomé and Príncipe", "Türkiye"]
    letters, texts = texts_of(stored(names))
    assert texts == names
    assert letters.strange == tuple(names[:3])
    assert not letters.repaired


def test_bytes_that_mean_nothing_are_refused():
    with pytest.raises(RequestError, match="letters are lost"):
        settle_letters(["A\x9do", "M\x9dxico"], where="a file")


def test_a_repair_is_told_of_and_the_rows_are_the_same(tmp_path):
    path = tmp_path / "file.csv"
    given = give("files 2026")
    right = given.data()
    path.write_bytes(right)
    with read_one(path) as reading:
        rows = reading.con.execute("FROM tidy ORDER BY ALL").fetchall()
        assert reading.encoding == "ISO-8859-1"
    path.write_bytes(misread(right.decode("latin-1"), "mac_roman", "cp1252").encode("utf-8"))
    with read_one(path) as reading:
        assert reading.con.execute("FROM tidy ORDER BY ALL").fetchall() == rows
        (told,) = reading.findings
    assert (told.level, told.kind) == ("note", "encoding")
    assert "Windows-1252 read as Mac Roman" in told.found


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 with mark"), ("latin-1", "ISO-8859-1")],
)
def test_the_encoding_is_named(tmp_path, encoding, name):
    path = tmp_path / "file.csv"
    path.write_bytes(give("files 2026").data().decode("latin-1").encode(encoding))
    with read_one(path) as reading:
        assert reading.encoding == name
        assert not reading.findings
