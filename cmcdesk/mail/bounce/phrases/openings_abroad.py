"""How notices begin in other languages than English and Japanese: Exchange's sentences, then smaller providers'.

Notation and numbers as in `openings`. People and parcel services use these words too. Old gateways write
without accents.
"""

from cmcdesk.mail.bounce.phrases.phrases import Cause

FINAL = 1
ABROAD = "a mail system (other languages)"

FAILED = (
    Cause(FINAL, ABROAD, (
        "fehler bei der nachrichtenzustellung",  # German
        "zustellung … fehlgeschlagen",
        "ihre nachricht … konnte nicht",
        "ihre nachricht hat … nicht erreicht",
        "konnte nicht zugestellt werden",
        "wurde nicht zugestellt",
        "échec de la remise",  # French
        "n a pas pu être remis",
        "n a pas été remis",
        "na pas pu être remis",
        "na pas pu etre remis",
        "votre message na pas",
        "no se pudo entregar",  # Spanish
        "no se ha podido entregar",
        "error en la entrega",
        "recapito non riuscito",  # Italian
        "impossibile recapitare",
        "non è stato recapitato",
        "falha na entrega",  # Portuguese
        "não foi possível entregar",
        "nao foi possivel entregar",
        "não pôde ser entregue",
        "bezorging … mislukt",  # Dutch
        "kan niet worden bezorgd",
        "niet worden afgeleverd",
        "kunde inte levereras",  # Swedish
        "det gick inte att leverera",
        "kunne ikke leveres",  # Danish, Norwegian
        "nie można dostarczyć",  # Polish
        "nie dostarczono",
        "nelze doručit",  # Czech
        "не удалось доставить",  # Russian
        "не может быть доставлено",  # Mail.Ru, Yandex
        "не было доставлено",
        "не доставлено",
        "недоставленное",
        "无法传递",
        "传递失败",
        "无法送达",
        "未能送达",
        "退信",
        "投递失败",
        "배달하지 못",  # Korean: Exchange, Naver, Daum
        "배달되지 않",
        "배달할 수 없",
        "전송하지 못",
        "전송할 수 없",
        "전송에 실패",
        "전송되지 않",
        "전달하지 못",
        "전달할 수 없",
        "발송하지 못",
        "발송에 실패",
        "無法傳遞", "無法傳送", "傳遞給下列", "未送達",
        "konnte … nicht zugestellt", "konnten … nicht zugestellt", "nicht zustellbar", "nachricht … abgewiesen",
        "e mail … abgewiesen", "nachricht … zurückgewiesen", "hat ihre nachricht nicht erhalten",
        "votre message na pu", "votre courrier na p", "votre mail na p", "votre e mail na p", "na pu être délivré",
        "na pas pu être délivré", "na pas pu être distribué", "na pas été distribué", "na pas été délivré",
        "ne peut être délivré", "ne peut être distribué", "ont eu des erreurs fatales",
        "non è stato consegnato", "non e stato consegnato", "non e stato recapitato", "non può essere consegnato",
        "non è stato possibile consegnare", "non è stato possibile recapitare",
        "no pudo ser entregado", "no ha podido ser entregado", "no ha sido entregado", "no fue entregado",
        "no es posible entregar", "no ha sido posible entregar",
        "não foi entregue", "nao foi entregue", "não pode ser entregue", "nao pode ser entregue",
        "nao pôde ser entregue", "não puderam ser entregues",
        "niet worden bezorgd", "niet afgeleverd worden", "niet bezorgd worden",
        "nie została dostarczona", "nie mogła zostać dostarczona", "nie mógł zostać dostarczony",
        "nemohla být doručena", "nebyla doručena", "nem sikerült kézbesíteni", "nem kézbesíthető",
        "teslim edilemedi", "iletilemedi", "nu a putut fi livrat", "kunde inte skickas", "ei voitu toimittaa",
        "не может быть отправлено", "не можем доставить", "не смог доставить", "невозможно доставить",
        "не удалось отправить", "не было отправлено",
        "邮件被退回", "邮件被对方退回", "无法投递", "未能投递", "无法发送到", "邮件发送失败",
        "반송되었", "반송됩니다", "반송 처리",
        "無法投遞", "無法寄送", "無法送達", "郵件被退回", "寄送失敗",
    )),
)  # fmt: skip
