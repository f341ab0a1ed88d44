"""Error status 1 (the domain is not in DNS) and 7 (the server is not set up for it)."""

from cmcdesk.mail.bounce.phrases.phrases import Cause

UNKNOWN_HOST = Cause(
    1,
    "domain not found in DNS",
    (
        "host unknown",  # Sendmail 5.1.2
        "no such domain",
        "name resolution",
        "unknown host",  # airmail.net, IMail
        "host not found",  # Postfix 5.4.4
        "name or service not known",  # getaddrinfo(3)
        "nodename nor servname",  # the same on BSD
        "host or domain name not found",  # Postfix
        "name service error",  # Postfix
        "domain not found",
        "domain couldnt be found",  # Gmail "because the domain … couldn't be found"
        "domain … couldnt be found",
        "domain name not found",
        "domain does not exist",  # OpenSMTPD
        "domain … does not exist",
        "domain … doesnt exist",
        "domain must exist",
        "domain is not reachable",
        "no route found to domain",  # Domino
        "non existent domain",
        "nonexistent domain",
        "nxdomain",
        "no such domain",
        "no such host",
        "unknown domain",
        "domain unknown",
        "domain mentioned in email address is unknown",
        "invalid domain",
        "bad destination system",  # RFC 3463 5.1.2
        "bad destination host",
        "illegal host",  # Sendmail "Illegal host/domain name found"
        "unrouteable address",  # Exim
        "unroutable address",
        "unrouteable domain",
        "unrouteable mail domain",
        "unroutable mail domain",
        "all relevant mx records point to non existent hosts",  # Exim
        "couldnt find a mail exchanger",  # qmail, netqmail 5.4.4
        "couldnt find any host",  # qmail 5.1.2 "I couldn't find any host named"
        "couldnt find any host by that name",
        "no mx",  # OpenSMTPD "No MX found for domain"
        "mx found",
        "no mx found",
        "null mx",  # RFC 7505
        "nullmx",  # Microsoft
        "no mail exchanger",
        "no mail server",
        "mx lookup",
        "mx record",
        "mx server … not",
        "could not find a gateway",  # Kerio/IceWarp X3
        "dns lookup fail",  # DragonFly, Mailtraq
        "dns error",  # Gmail
        "no dns entries",  # Apache James "There are no DNS entries for the hostname"
        "no dns record",
        "dns records … could not be found",
        "dns query failed",
        "dns soft",  # qmail-spp, Haraka
        "dns server returned",  # Exchange 5.4.4 / Outlook
        "name server",
        "host name lookup failure",  # Sendmail
        "hostname lookup",
        "address resolution",
        "name resolution",
        "cannot resolve",
        "could not resolve",
        "couldnt resolve",
        "unable to resolve",
        "unresolvable",
        "doesnt receive email according to the administrator",
        "does not accept mail nullmx",
        "does not accept mail",
        "no route to domain",
        "invalid domain name",
        "domäne … nicht",
        "domain existiert nicht",
        "domain nicht gefunden",
        "域名不存在",
        "域名…不存在",
        "域名…找不到",
        "domaine … inconnu",
        "dominio … no",
        # With the article: "nel dominio … l'utente non esiste" is about a user.
        "il dominio … non esiste",
        "dominio non esiste",
        "o domínio … não existe",
        "domínio não existe",
        "o dominio … nao existe",
        "dominio nao existe",
        "le domaine … n existe pas",
        "le domaine … nexiste pas",
        "het domein … bestaat niet",
        "domein bestaat niet",
        "domena … nie istnieje",
        "unbekannte domain",
        "unbekannte domäne",
        "домен не",
    ),
)

RELAYING = Cause(
    7,
    "the server does not handle this domain",
    (
        "relaying denied",  # Sendmail 5.7.1
        "not a relay",
        "accept mail for this domain",
        "accept mail for that domain",
        "accept mail for … domain",
        "accept email for … domain",
        "not serve … domain",
        "relay denied",
        "relay access denied",  # Postfix
        "relay denied",
        "relaying prohibited",
        "relay prohibited",
        "relaying not permitted",
        "relay not permitted",
        "relaying disallowed",
        "relay not allowed",
        "relaying not allowed",
        "relaying is not allowed",
        "relaying blocked",
        "relaying mail",
        "relay operation rejected",
        "relaying to … prohibited",
        "unable to relay",  # Exchange 5.7.1 / 5.7.54
        "cannot relay",
        "wont relay",
        "dont handle mail for",  # "We don't handle mail for example.com"
        "non local e mail",  # "requires authentication when attempting to send to a non-local e-mail address"
        "non local email",
        "will not relay",
        "not relay",
        "no relaying",
        "no relay",
        "we do not relay",
        "not permitted to relay",
        "not allowed to relay",
        "relay … not authorized",
        "insecure mail relay",
        "that domain isnt in my list of allowed rcpthosts",  # qmail
        "rcpthosts",
        "domain isnt in my list",
        "mail server permanently rejected message",  # MAILER
        "not in accepted domain",
        "non accepted domain",
        "not accepted domain",
        "not a local domain",
        "domain … not local",
        "not hosted here",
        "domain not hosted",
        "not configured to accept mail",
        "domain … not accepted",
        "this system is not configured to relay",
        "system is not configured",  # RFC 3463 5.3.2 / Sendmail "not configured to accept"
        "local configuration error",  # Sendmail "config error: mail loops back to me"
        "not a gateway",
    ),
)

AUTHENTICATE = Cause(
    7,
    "the server demands SMTP AUTH or TLS",
    (
        "authentication required",  # RFC 4954 530 5.7.0
        "authentication is required",
        "smtp authentication",
        "smtp auth",
        "must authenticate",
        "you must be authenticated",
        "please authenticate",
        "need to authenticate",
        "must issue a starttls",  # RFC 3207 530 5.7.0
        "starttls",
        "tls required",
        "tls is required",
        "tls handshake",
        "tls negotiation",
        "tls not available",
        "tls … failed",
        "ssl … failed",
        "cannot start tls",
        "certificate",
        "encryption required",
        "encryption needed",
        "pop before smtp",
        "auth required",
        "client not authenticated",  # Exchange 5.7.57
        "client was not authenticated",  # Exchange 530 5.7.1
    ),
)

LOOP = Cause(
    7,
    "mail loop",
    (
        "hop count",  # Exchange 5.4.14, Domino
        "too many hops",  # Sendmail 5.4.6, Postfix
        "too many received",  # Exim "too many \"Received\" headers"
        "mail loop",
        "mx record points to local host",  # Exim
        "mail exchanger … points to local",
        "loops back to m",  # Sendmail, Postfix 5.4.6
        "routing loop",
        "delivery loop",
        "mail forwarding loop",  # Postfix
        "forwarding loop",
        "loop detected",
        "loop counter",
        "loop was detected",
        "message is looping",  # qmail 5.4.6
        "is looping",
        "message looping",
        "forwarded more than the maximum",  # Exchange 2003
        "too many mail exchangers",
        "best preference mx",  # Postfix "Although I'm listed as a best-preference MX"
        "listed as a best preference",  # qmail
    ),
)
