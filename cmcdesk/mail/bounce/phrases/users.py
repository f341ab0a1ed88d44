"""Error status 2: no such user."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

# What is said of the recipient alone, whatever else an answer says
PLAIN = Cause(
    2,
    "no such user",
    (
        "user unknown",
        "unknown user",
        "no such user",
        "unknown local",
        "no such recipient",
        "no such mailbox",
        "5 1 1 bad address",
    ),
)

UNKNOWN = Cause(
    2,
    "no such user",
    (
        "user unknown",  # Sendmail, Postfix, half the world
        "no such person",
        "unknown user",  # docomo, Exchange, Exim
        "userunknown",
        "user … unknown",
        "unknown recipient",  # Exchange 5.5
        "recipient unknown",
        "recipient … unknown",
        "unknown address",
        "address unknown",
        "unknown mailbox",
        "mailbox unknown",
        "mailbox … is unknown",
        "unknown local",  # Exim "unknown local-part"
        "unknown account",
        "unknown email",
        "unknown e mail",
        "unknown userid",
        "unknown or illegal alias",  # Oracle Messaging Server
        "unknown alias",
        "unknown virtual user",
        "addressee unknown",
        "unknown list",
        "no such user",  # Gmail, qmail, Sendmail
        "nosuchuser",
        "no such recipient",
        "no such mailbox",
        "no such account",
        "no such address",
        "no such person",
        "no such email",
        "no such local",
        "no such domain user",
        "no such … here",
        "no mailbox",  # qmail "Sorry, no mailbox here by that name"
        "no mail box",
        "account not available",
        "account is not available",
        "no account",  # GMX
        "no user",
        "no recipient found",
        "no valid recipient",
        "no matches to nameserver query",  # Yale ph
        "no one by that name",
        "no information",
        "user not found",
        "user … not found",
        "users not found",
        "usernotfound",
        "recipient not found",  # Exchange "Recipient Not Found"
        "recipientnotfound",  # Exchange RESOLVER.ADR.RecipientNotFound
        "recipnotfound",
        "resolver adr",
        "resolver adr recipnotfound",
        "recipient … not found",
        "address not found",  # Gmail "** Address not found **"
        "addresses were unknown",  # Netscape Messaging Server
        "address … not found",
        "address … couldnt be found",
        "address … could not be found",
        "address couldnt be found",
        "mailbox not found",
        "mailbox … not found",
        "mailbox … could not be found",
        "account not found",
        "wasnt found at",  # Office 365 "x wasn't found at example.jp"
        "wasnt found",
        "was not found",
        "could not be found",
        "couldnt be found",
        "cannot find user",
        "unable to find",
        "not find … recipient",
        "not find … user",
        "account unavailable",
        "user not exist",
        "user … not exist",
        "user does not exist",
        "user doesnt exist",
        "account … not exist",
        "account … doesnt exist",
        "account that you tried to reach does not exist",  # Gmail 5.1.1
        "mailbox … not exist",
        "mailbox … doesnt exist",
        "address … not exist",
        "address … doesnt exist",
        "recipient … not exist",
        "recipient … doesnt exist",
        "username … not exist",
        "does not exist here",
        "does not exist",
        "doesnt exist",
        "not exist",
        "dosnt exist",  # as one server writes it
        "user doesnt have … account",  # Yahoo
        "doesnt have a … account",
        "does not have … account",
        "not our customer",  # GMX
        "not listed in",  # Domino "not listed in Domino Directory"
        "not listed … directory",
        "not listed … address book",  # Lotus Notes
        "not unique in",  # Domino "not unique in Domino Directory"
        "not a valid user",  # simple bounces "not a valid user of the system"
        "not a valid recipient",
        "not a valid mailbox",
        "not present in directory",
        "mailbox not present",
        "not a local address",
        "recipient not local",
        "not in route list",  # Kerio Connect
        "address does not receive mail",
        "address doesnt receive mail",
        "cant accept user",
        "server rejected recipients",
        "envelope recipient … denied",
        "badrecipientto",  # qmail's patches
        "validrcptto",
        "missing home directory",
        "nessun utente",
        "not valid user",
        "not known",  # "User not known"
        "not recognized",  # Exchange 5.5 "The recipient name is not recognized"
        "not recognised",
        "not a known user",
        "not a registered",
        "not a user",
        "not local user",
        "isnt a local",
        "is not a local",
        "not in my … database",
        "not on this",
        "invalid user",  # Verizon, many
        "invalid recipient",  # Exchange, Cisco
        "invalid mailbox",
        "invalid account",
        "invalid final delivery userid",  # IMail
        "invalid address",  # Zoho
        "invalid e mail",
        "invalid email",
        "invalid destination",
        "invalid local",
        "recipient invalid",
        "recipient … invalid",
        "recipient … not valid",
        "user … invalid",
        "address … invalid",
        "bad destination mailbox",  # RFC 3463 5.1.1
        "bad destination email",
        "bad recipient",
        "bad user",
        "bad mailbox",
        "undeliverable address",  # Postfix verify(8)
        "recipient address rejected access denied",  # Microsoft 365 directory based edge blocking 5.4.1
        "recipient address rejected … access denied",
        "recipient addresses rejected access denied",
        "recipient email address is possibly incorrect",  # Mimecast
        "recipient verify failed",  # Exim "550-Verification failed"
        "recipient … not listed",
        "not a mailbox",
        "destination address … not",
        "address rejected … not",
        "name not found",
        "badrcptto",
        "delivery to this user",
        "did not exactly match",  # LLNL
        "badly formed or nonexistent path",
        "nonexistent",
        "non existent",
        "non existing",
        "unable to deliver message to … and other recipients in the same domain",  # InterScan MSS
        "check if address is correct",  # InterScan MSS
        "mailbox unavailable or not local",  # MailEnable, IIS
        "email address … not found",
        "email address … incorrect",
        "rcp p1",  # Facebook RCP-P1
        "adresse d au moins un destinataire",  # Orange "Adresse d au moins un destinataire invalide"
        "adresse invalide",
        "adresse … inconnue",
        "utilisateur inconnu",  # Free, Laposte
        "destinataire inconnu",
        "compte … inconnu",
        "compte … inexistant",
        "compte inexistant",
        "cuenta inexistente",
        "boite … inexistante",
        "n existe pas",
        "nexiste pas",
        "benutzer unbekannt",
        "empfänger unbekannt",
        "empfaenger unbekannt",
        "nicht gefunden",
        "existiert nicht",
        "unbekannter empfänger",
        "usuario desconocido",
        "usuario no existe",
        "usuario no encontrado",
        "destinatario desconocido",
        "no existe",
        "não existe",
        "nao existe",
        "usuário desconhecido",
        "destinatário desconhecido",
        "utente sconosciuto",
        "utente … inesistente",
        "casella … inesistente",
        "indirizzo … inesistente",
        "onbekende gebruiker",
        "bestaat niet",
        "nie istnieje",
        "не существует",  # Mail.Ru
        "не найден",  # Yandex, Mail.Ru
        "пользователь не",
        "недействителен",
        "找不到",
        "不存在",
        "无此用户",
        "用户不存在",
        "地址错误",
        "존재하지",
    ),
)
