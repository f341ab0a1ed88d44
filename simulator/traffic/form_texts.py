"""Words for contact-form mails: who writes, about what, and text that tries each charset's corners."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Customer:
    """A person who fills in a form; kana is the reading, full width."""

    name: str
    kana: str
    user: str


CUSTOMERS = (
    Customer("山田 太郎", "ヤマダ タロウ", "taro.yamada"),
    Customer("佐藤 花子", "サトウ ハナコ", "hanako.sato"),
    Customer("高橋 一郎", "タカハシ イチロウ", "ichiro.takahashi"),
    Customer("渡辺 由美子", "ワタナベ ユミコ", "yumiko.watanabe"),
    Customer("長谷川 健", "ハセガワ ケン", "ken.hasegawa"),
    Customer("Alice Martin", "アリス マーティン", "alice.martin"),
)
# The customers' own domains: names that RFC 2606 and JPRS keep for examples, none of them a receiving server's.
CUSTOMER_DOMAINS = ("customer.example", "example.org", "example.co.jp", "shop.example.ne.jp", "mail.example.net")
SUBJECTS = (
    "お問い合わせ",
    "【お問い合わせフォーム】商品の在庫について",
    "資料請求",
    "予約の変更をお願いします",
    "ポイントが反映されていない件について、ご確認いただけますでしょうか",
    "表示とソースの能力表",  # 表, ソ, 能: their second octet in Shift_JIS is 5C, a backslash in ASCII
)
BODIES = (
    "商品の在庫について教えてください。\n希望数量は 12 個です。\n",
    "先日注文した品物がまだ届きません。\n注文番号: A-10234\n確認をお願いいたします。\n",
    "資料を郵送してください。\n〒100-0001 東京都千代田区千代田1-1\n",
    "表示がおかしいようです。ソフトの十分な機能を能率よく使うには？\n",
)
# Characters of windows-31j (NEC row 13) that JIS X 0208 lacks; they break readers that trust the label.
WINDOWS_LINE = "①②③ ㈱サンプル ℡ 03-0000-0000 № 15 ㎏\n"
FILE_STEMS = ("見積書", "お問い合わせ内容の詳細と添付資料一覧（二〇二六年度版・改訂第三稿）", "写真", "report")

_FULL_TO_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFF9E)}
_FULL_TO_HALF |= {"\u3099": "ﾞ", "\u309a": "ﾟ"}  # the combining marks that NFD leaves of a voiced kana


def narrow_kana(text: str) -> str:
    """Return the text with katakana as half-width kana, a voiced one as two characters (JIS X 0201)."""
    pieces = (unicodedata.normalize("NFD", one) if "\u30a0" <= one <= "\u30ff" else one for one in text)
    return "".join(_FULL_TO_HALF.get(one, one) for piece in pieces for one in piece)
