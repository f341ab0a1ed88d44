"""Causes in languages that the tables of causes do not have in full: Korean, and those of Europe's smaller providers.

Notation of `phrases`. Asked after the English rows and before the Japanese ones; the rows' order counts.
"""

from cmcdesk.mail.bounce.phrases.phrases import Cause

TELLING = (
    Cause(1, "domain not found in DNS", (
        "도메인 … 찾을 수 없", "도메인 … 존재하지", "domaine … introuvable", "domaine inconnu",
        "domäne … nicht gefunden", "dominio … no encontrado", "dominio inesistente", "domínio … não encontrado",
        "nieznana domena", "neznámá doména", "okänd domän", "ukendt domæne", "ukjent domene",
    )),
    Cause(8, "mail too large", (
        "메시지가 너무 커", "메시지 크기 … 초과", "메일 크기 … 초과", "크기가 너무", "첨부 … 용량 … 초과",
        "message trop volumineux", "nachricht … zu groß", "nachricht ist zu groß", "mensaje … demasiado grande",
        "messaggio troppo grande", "mensagem muito grande", "bericht is te groot", "wiadomość jest za duża",
        "zpráva je příliš velká", "meddelandet är för stort", "слишком большое", "слишком велико",
        "邮件过大", "邮件太大", "邮件…超过大小", "邮件大小超", "郵件過大", "郵件大小超",
    )),
    Cause(5, "mailbox or disk full", (
        "용량초과", "용량부족",
        "용량 … 초과", "용량 … 부족", "용량 … 가득", "편지함 … 가득", "메일함 … 가득", "사서함 … 가득", "사서함 … 찼",
        "할당량 … 초과", "저장 공간 … 부족",  # Naver, Daum, Exchange
        "skrzynka … pełna", "skrzynka … przepełniona", "brak miejsca",  # WP, Onet
        "schránka … plná", "schránka … plna", "megtelt", "kutusu dolu", "kotası dol",  # Seznam, Freemail, Turkey
        "brevlåda … full", "brevlåda är full", "inkorg … full", "postkasse … fuld", "postkassen er full",
        "postilaatikko … täynnä", "mailbox is vol", "mailbox … vol|",
        "꽉 찼", "꽉 차",
        "boîte … saturée", "boite … saturée", "cassetta … piena", "postlåda är full", "postboks … full",
        "postkasse … fyldt", "ящик … заполнен", "信箱已滿", "信箱 … 已滿", "郵箱已滿",  # Exchange
    )),
    Cause(4, "refused by the receiving server", (
        "스팸", "차단되었", "차단되어", "수신 거부", "수신거부", "수신이 거부",
        "zablokowan", "odrzucon … spam", "odmítnut … spam",
        "engellen", "blockerad … spam", "indésirable", "спам", "垃圾邮件", "垃圾郵件", "拒收", "被拒绝",
        "对方服务器拒绝", "адрес заблокирован", "黑名单", "黑名單",
    )),
    Cause(2, "account closed, disabled or moved", (
        "konto … gesperrt", "konto … deaktiviert", "postfach … gesperrt", "postfach … deaktiviert",
        "postfach … geschlossen", "compte … désactivé", "compte … desactive", "compte … suspendu", "compte … fermé",
        "compte … bloqué", "boîte … désactivée", "boite … desactivee", "boite … désactivée", "cuenta … desactivada",
        "cuenta … deshabilitada", "cuenta … suspendida", "cuenta … bloqueada", "cuenta … inactiva",
        "buzón … desactivado", "conta … desativada", "conta … suspensa", "conta … bloqueada", "conta … cancelada",
        "conta … inativa", "usuário inativo", "usuario inativo", "account disabilitato", "account … sospeso",
        "casella … disabilitata", "casella … sospesa", "utente … sospeso", "utente … disabilitato",
        "ящик … заблокирован", "ящик … отключен", "аккаунт … заблокирован", "аккаунт … удален", "账号…冻结",
        "帐号…冻结", "账号…禁用", "帐号…禁用", "邮箱…禁用", "邮箱…冻结",
    )),
    Cause(2, "no such user", (
        "unbekannter empfaenger", "unbekannter benutzer", "unbekannter nutzer", "postfach nicht vorhanden",
        "postfach … nicht vorhanden", "empfänger nicht vorhanden", "adresse nicht vorhanden", "postfach unbekannt",
        "adresse unbekannt", "empfängeradresse … ungültig", "destinatario no encontrado", "destinatário não encontrado",
        "destinatario nao encontrado", "usuario nao encontrado", "usuário não encontrado", "destinatario sconosciuto",
        "indirizzo sconosciuto", "utente non trovato", "non esiste", "adresat nie", "нет такого пользователя",
        "адресат неизвестен", "неизвестный пользователь", "неизвестный получатель", "邮箱地址错误",
        "존재하지않", "알 수 없는 사용자",
        "존재하지 않는", "없는 사용자", "없는 메일", "없는 계정", "주소를 찾을 수 없", "사용자를 찾을 수 없", "휴면",
        "사람을 찾을 수 없", "전자 메일 주소를 찾을",  # Naver, Daum, Exchange
        "adresse introuvable", "ladresse … est introuvable", "не удалось найти … адрес", "adresse est introuvable",
        "utilisateur introuvable", "destinataire introuvable", "destinataire inexistant", "lettres inexistante",
        "usuario no valido", "usuario no válido", "kein solcher benutzer", "kein benutzer", "adresse … nicht bekannt",
        "utente non presente", "indirizzo non valido", "нет такого почтового", "такого адреса нет", "사용자가 없습니다",
        "계정이 없습니다",
        "usuário inexistente", "usuario inexistente", "destinatário inexistente", "conta inexistente",
        "nie ma takiego", "nieznany użytkownik", "nieznany odbiorca", "nieznany adres",
        "neznámý uživatel", "neznámý příjemce", "neexistuje", "ismeretlen felhasználó", "ismeretlen címzett",
        "nem létezik", "kullanıcı bulunamadı", "alıcı bulunamadı", "kullanıcı yok", "böyle bir kullanıcı",
        "okänd mottagare", "okänd användare", "finns inte", "ukendt modtager", "ukendt bruger", "findes ikke",
        "ukjent mottaker", "ukjent bruker", "finnes ikke", "tuntematon vastaanottaja", "tuntematon käyttäjä",
        "kan niet worden gevonden", "niet gevonden", "no se encontró", "no se ha encontrado", "non è stato trovato",
        "não foi encontrado", "hittades inte", "blev ikke fundet", "ble ikke funnet", "nie znaleziono", "nem található",
        "nenalezen", "utilizator necunoscut", "nu există", "không tồn tại",
    )),
    Cause(3, "no connection", (
        "서버에 연결할 수 없", "연결 시간 … 초과", "nie można połączyć", "verbindung … nicht … hergestellt",
        "连接超时", "無法連線", "无法连接", "не отвечает",
    )),
)  # fmt: skip
