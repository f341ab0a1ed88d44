"""Why a pattern or a settings file cannot be read: what `regex` and `tomllib` say, in Japanese."""

from collections.abc import Iterable

#: Beginning of a message → Japanese; the first that fits counts. "%s" takes what follows it.
Table = tuple[tuple[str, str], ...]
PATTERN_REASONS: Table = (
    ("missing ]", "「]」がありません"),
    ("missing )", "「)」がありません"),
    ("missing ", "「%s」がありません"),
    ("unbalanced parenthesis", "括弧の対応が取れていません"),
    ("unterminated character set", "文字クラス「[…]」が閉じていません"),
    ("expected character set", "文字クラスが必要です"),
    ("bad character range", "文字の範囲の順序が正しくありません"),
    ("nothing to repeat", "繰り返しの対象がありません"),
    ("multiple repeat", "繰り返しが重なっています"),
    ("min repeat greater than max repeat", "繰り返しの最小回数が最大回数を超えています"),
    ("repeat count too big", "繰り返しの回数が大きすぎます"),
    ("bad escape (end of pattern)", "「\\」の後に文字がありません"),
    ("bad escape ", "使えないエスケープです: %s"),
    ("bad hex escape ", "16 進数のエスケープが正しくありません: %s"),
    ("incomplete escape ", "エスケープが途中で終わっています: %s"),
    ("unknown extension", "使えない「(?…)」の書き方です"),
    ("expected lookaround conditional", "条件の書き方が正しくありません"),
    ("expected }", "「}」が必要です"),
    ("unknown group", "その名前か番号のグループはありません"),
    ("invalid group reference", "そのグループは参照できません"),
    ("ambiguous group reference", "グループの参照があいまいです"),
    ("cannot refer to an open group", "閉じていないグループは参照できません"),
    ("group reference not allowed", "ここではグループを参照できません"),
    ("invalid relative group number", "グループの相対番号が正しくありません"),
    ("bad character in group name", "グループ名に使えない文字があります"),
    ("duplicate group", "同じ名前のグループがあります"),
    ("unknown property", "その文字プロパティはありません"),
    ("undefined character name", "その名前の文字はありません"),
    ("undefined named list", "その名前のリストはありません"),
    ("bad inline flags", "フラグの書き方が正しくありません"),
    ("unknown flag", "使えないフラグです"),
    ("unknown verb", "使えない「(*…)」の書き方です"),
    ("look-behind", "後読みの書き方が正しくありません"),
    ("bad fuzzy", "あいまい一致の書き方が正しくありません"),
    ("nothing for fuzzy", "あいまい一致の対象がありません"),
    ("repeated fuzzy", "あいまい一致の指定が重なっています"),
    ("more than one cost", "あいまい一致の指定が重なっています"),
)
TOML_REASONS: Table = (
    ("Expected '=' after a key", "キーの後に「=」が必要です"),
    ("Expected ']' at the end of a table", "見出しの「]」がありません"),
    ("Expected ']]' at the end of an array", "見出しの「]]」がありません"),
    ("Expected newline or end of document", "文の後は改行してください"),
    ("Invalid value", "値の書き方が正しくありません"),
    ("Invalid statement", "文の書き方が正しくありません"),
    ("Invalid initial character for a key part", "キーに使えない文字があります"),
    ("Invalid date or datetime", "日付の書き方が正しくありません"),
    ("Invalid hex value", "16 進数の書き方が正しくありません"),
    ("Cannot declare ", "同じ見出しが 2 回あります"),
    ("Cannot overwrite a value", "同じキーが 2 回あります"),
    ("Cannot mutate immutable namespace ", "すでに値のあるキーです"),
    ("Duplicate inline table key ", "同じキーが 2 回あります: %s"),
    ("nested too deeply", "入れ子が深すぎます"),
    ("Unclosed array", "「]」がありません"),
    ("Unclosed inline table", "「}」がありません"),
    ("Unterminated string", "文字列が閉じていません"),
    ("Expected ", "必要な文字がありません: %s"),
    ("Illegal character ", "使えない文字があります: %s"),
    ("Unescaped '\\' in a string", "文字列の「\\」はエスケープするか、文字列を '…' で囲んでください"),
    ("Found invalid character ", "使えない文字があります: %s"),
)
NO_REASON = "書き方が正しくありません"


def explain_pattern(reason: str) -> str:
    """The Japanese for one message of `regex`; a general one where it has none here."""
    return _translate(reason, PATTERN_REASONS)


def explain_toml(reason: str) -> str:
    """The Japanese for one message of `tomllib`; a general one where it has none here."""
    return _translate(reason, TOML_REASONS)


def _translate(reason: str, table: Iterable[tuple[str, str]]) -> str:
    for beginning, japanese in table:
        if reason.startswith(beginning):
            return japanese.replace("%s", reason.removeprefix(beginning))
    return NO_REASON
