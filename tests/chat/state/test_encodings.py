"""Comments of a few words, as legacy files hold them, in the encodings of their languages."""

import pytest

from chat.state.encodings import declared_encoding, detect, likeliest

COMMENTS = {
    "gbk": [("中文注释", "新的"), ("计算总价", "返回结果")],
    "big5": [("中文註解測試", "新的"), ("計算總價格", "傳回結果"), ("資料庫連線", "關閉")],
    "cp932": [("合計を計算する", "結果を返す"), ("データベース接続", "閉じる")],
    "euc_jp": [("合計を計算する", "結果を返す"), ("これはテストです", "新しい")],
    "cp949": [("한국어 주석", "새"), ("합계를 계산한다", "결과 반환")],
    "cp1251": [("привет мир", "ура"), ("Вычисляет сумму", "результат")],
    "koi8_r": [("привет мир", "ура"), ("Вычисляет сумму", "результат")],
    "cp866": [("привет мир", "ура"), ("Вычисляет сумму", "результат")],
    "koi8_u": [("привіт світ", "ура"), ("Обчислює суму", "є")],
    "cp1250": [("žluťoučký kůň", "č"), ("Oblicza sumę wartości", "źródło")],
    "cp1252": [("Tõlge – “x” €", "ä €"), ("calcule la durée", "déjà"), ("Größe prüfen", "für"), ("año", "ñ")],
    "cp1253": [("Καλημέρα κόσμε", "νέο")],
    "cp1254": [("Şu değeri hesapla", "ğı")],
    "cp1255": [("שלום עולם", "חדש")],
    "cp1257": [("Apskaičiuoja sumą", "ė")],
}
CASES = [(encoding, *pair) for encoding, pairs in COMMENTS.items() for pair in pairs]


@pytest.mark.parametrize(("encoding", "comment", "new"), CASES)
def test_new_text_gets_the_bytes_that_the_file_has(encoding: str, comment: str, new: str) -> None:
    """Whichever encoding is named, it writes the new text as the file's own does."""
    content = f"// {comment}\nint x = 1;\n".encode(encoding)

    found = detect(content, new)

    assert found is not None
    assert new.encode(found) == new.encode(encoding)


@pytest.mark.parametrize(("encoding", "comment", "new"), CASES)
def test_no_encoding_is_named_that_writes_other_bytes(encoding: str, comment: str, new: str) -> None:
    """Signs and words of another language may be refused, but are never written in a rival's bytes."""
    content = f"// {comment}\nint x = 1;\n".encode(encoding)

    for other in ("→", "😀", "─", "㎞"):
        found = detect(content, other)
        assert found is None or other.encode(found) == other.encode(encoding, "ignore")


def test_a_rival_that_reads_as_well_makes_it_uncertain() -> None:
    """One letter can be French or Czech; what both write alike is no matter of doubt."""
    assert detect(b"// caf\xe9\n", "é") is not None
    assert detect(b"// caf\xe9\n", "–") is None


def test_what_no_one_writes_has_no_encoding() -> None:
    """Binary data is not taken for text in some code page."""
    assert detect(bytes(range(128, 256)), "ä") is None


def test_a_declaration_counts() -> None:
    """As Python, HTML and XML read it, unless the bytes contradict it."""
    assert declared_encoding(b'<meta charset="windows-1251">') == "cp1251"
    assert declared_encoding(b"# vim: set fileencoding=euc-jp :") == "euc_jp"
    assert declared_encoding(b"# coding: gbk\n\xff\xff") is None
    assert detect("# coding: koi8-r\n# ß".encode("latin-1"), "ж") == "koi8-r"


@pytest.mark.parametrize(
    ("encoding", "comment"),
    [(name, comment) for name, comment, _ in CASES if name not in ("cp1250", "cp1254", "cp1255", "cp1257")],
)
def test_a_reader_is_shown_proper_text(encoding: str, comment: str) -> None:
    """Here a guess is enough; a few words of some languages read as well in a neighbour's alphabet."""
    content = f"// {comment}\n".encode(encoding)

    assert content.decode(likeliest(content)) == f"// {comment}\n"
