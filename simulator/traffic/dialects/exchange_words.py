"""What Exchange's non-delivery reports say, by language: Microsoft Learn, "NDRs and the bounce messages".

Exchange 2010 and later write the human part in the sender's language; the diagnostic part stays English.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The fixed sentences of one language. reasons: by cause. charset: what such servers send the language in."""

    charset: str
    subject: str
    late_subject: str
    failed: str
    late: str
    diagnostics: str
    server: str
    headers: str
    reasons: dict[str, str]


WORDS = {
    "en": Words(
        "us-ascii",
        "Undeliverable: ",
        "Delivery delayed: ",
        "Delivery has failed to these recipients or groups:",
        "Delivery is delayed to these recipients or groups:",
        "Diagnostic information for administrators:",
        "Generating server: ",
        "Original message headers:",
        {
            "unknown-user": "The e-mail address you entered couldn't be found. Please check the recipient's "
            "e-mail address and try to resend the message. If the problem continues, please "
            "contact your helpdesk.",
            "over-quota": "The recipient's mailbox is full and can't accept messages now. Please try resending "
            "this message later, or contact the recipient directly.",
            "too-big": "This message is too large. Please make the message smaller and try sending it again.",
            "policy": "Your message can't be delivered because delivery to this address is restricted.",
            "retry-timeout": "The server has tried to deliver this message, without success, and has stopped "
            "trying. Please try sending this message again. If the problem continues, contact "
            "your helpdesk.",
            "delayed": "Subject: this message hasn't been delivered yet. Delivery will continue to be "
            "attempted.\n\nThe server will keep trying to deliver this message for the next 1 "
            "days, 19 hours and 51 minutes. You'll be notified if the message can't be delivered "
            "by that time.",
            "unknown-host": "The e-mail system couldn't find the domain of the address you entered. Please check "
            "the address.",
            "misconfigured": "The e-mail system of the recipient's domain doesn't accept mail for this address. "
            "Please contact your helpdesk.",
            "other": "A problem occurred during the delivery of this message. Please try to resend it later.",
        },
    ),
    "ja": Words(
        "iso-2022-jp",
        "配信不能: ",
        "配信の遅延: ",
        "次の受信者またはグループへの配信に失敗しました:",
        "次の受信者またはグループへの配信が遅延しています:",
        "管理者用の診断情報:",
        "生成サーバー: ",
        "元のメッセージ ヘッダー:",
        {
            "unknown-user": "入力した電子メール アドレスが見つかりませんでした。受信者の電子メール アドレスを確認"
            "してからメッセージを再送信してください。問題が解決しない場合は、ヘルプデスクに問い合"
            "わせてください。",
            "over-quota": "受信者のメールボックスがいっぱいで、現在メッセージを受信できません。後でこのメッセー"
            "ジを再送信するか、受信者に直接問い合わせてください。",
            "delayed": "このメッセージはまだ配信されていません。引き続き配信が試行されます。",
        },
    ),
    "de": Words(
        "iso-8859-1",
        "Unzustellbar: ",
        "Zustellung verzögert: ",
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:",
        "Verzögerung bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:",
        "Diagnoseinformationen für Administratoren:",
        "Generierender Server: ",
        "Ursprüngliche Nachrichtenkopfzeilen:",
        {
            "unknown-user": "Die eingegebene E-Mail-Adresse konnte nicht gefunden werden. Überprüfen Sie die "
            "E-Mail-Adresse des Empfängers, und versuchen Sie, die Nachricht erneut zu senden.",
            "over-quota": "Das Postfach des Empfängers ist voll und kann zurzeit keine Nachrichten annehmen.",
        },
    ),
    "fr": Words(
        "iso-8859-1",
        "Non remis : ",
        "Remise différée : ",
        "Échec de la remise à ces destinataires ou groupes :",
        "La remise est différée pour ces destinataires ou groupes :",
        "Informations de diagnostic pour les administrateurs :",
        "Serveur de génération : ",
        "En-têtes de message d'origine :",
        {
            "unknown-user": "L'adresse de messagerie que vous avez entrée est introuvable. Vérifiez l'adresse de "
            "messagerie du destinataire et essayez de renvoyer le message.",
            "too-big": "Ce message est trop volumineux. Réduisez sa taille et essayez de le renvoyer.",
        },
    ),
}
