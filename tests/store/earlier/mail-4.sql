PRAGMA user_version=4;
BEGIN TRANSACTION;
CREATE TABLE accepted(
  mail_id INTEGER PRIMARY KEY, lines TEXT NOT NULL, session INTEGER NOT NULL, began REAL NOT NULL,
  part INTEGER NOT NULL, is_cut INTEGER NOT NULL);
INSERT INTO "accepted" VALUES(7,'',3,1700000000.0,1,0);
CREATE TABLE dialogue(
  refusal_id INTEGER PRIMARY KEY, session INTEGER NOT NULL, began REAL NOT NULL, part INTEGER NOT NULL,
  is_cut INTEGER NOT NULL, lines TEXT NOT NULL);
INSERT INTO "dialogue" VALUES(9,4,1700000000.0,1,0,'');
CREATE TABLE log(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "log" VALUES('log_id','0123456789abcdef');
CREATE TABLE mail(
  id INTEGER PRIMARY KEY, received_at REAL NOT NULL, composition TEXT NOT NULL, revision INTEGER NOT NULL,
  session INTEGER NOT NULL, peer TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, routes INTEGER NOT NULL,
  subject TEXT NOT NULL, header_from TEXT NOT NULL, message_id TEXT NOT NULL, size INTEGER NOT NULL);
INSERT INTO "mail" VALUES(7,1700000000.5,'pro',1,3,'127.0.0.1','a@sender.example','[["b@return.example.com", "bounce"]]',1,'件名','a@sender.example','<1@sender.example>',26);
CREATE TABLE match(
  id INTEGER PRIMARY KEY, mail_id INTEGER NOT NULL, composition TEXT NOT NULL, revision INTEGER NOT NULL,
  filter TEXT NOT NULL, recipient TEXT NOT NULL);
INSERT INTO "match" VALUES(4,7,'pro',1,'contact form','b@return.example.com');
CREATE TABLE octets(mail_id INTEGER PRIMARY KEY, octets BLOB NOT NULL);
INSERT INTO "octets" VALUES(7,X'5375626A6563743A20780D0A0D0AE38182000D0A2E646F74');
CREATE TABLE received(
  quarter INTEGER NOT NULL, composition TEXT NOT NULL, mails INTEGER NOT NULL, refused INTEGER NOT NULL,
  PRIMARY KEY(quarter, composition)) WITHOUT ROWID;
INSERT INTO "received" VALUES(1888888,'pro',1,2);
CREATE TABLE refusal(
  id INTEGER PRIMARY KEY, at REAL NOT NULL, composition TEXT NOT NULL, gate TEXT NOT NULL, code INTEGER NOT NULL,
  enhanced_status TEXT NOT NULL, text TEXT NOT NULL, peer TEXT NOT NULL, session INTEGER NOT NULL,
  sender TEXT NOT NULL, recipient TEXT NOT NULL, count INTEGER NOT NULL, relay INTEGER NOT NULL DEFAULT 0);
INSERT INTO "refusal" VALUES(9,1700000001.5,'pro','size',552,'5.3.4','too big','127.0.0.1',4,'a@sender.example','',2,1);
CREATE TABLE relayed(
  quarter INTEGER NOT NULL, composition TEXT NOT NULL, mails INTEGER NOT NULL, refused INTEGER NOT NULL,
  PRIMARY KEY(quarter, composition)) WITHOUT ROWID;
INSERT INTO "relayed" VALUES(1888889,'pro',1,0);
CREATE TABLE submitted(mail_id INTEGER PRIMARY KEY, session INTEGER NOT NULL, user TEXT NOT NULL);
INSERT INTO "submitted" VALUES(7,3,'app@example.com');
CREATE INDEX mail_bounce ON mail(id) WHERE routes & 1;
CREATE INDEX dialogue_session ON dialogue(session, began, part);
CREATE INDEX accepted_session ON accepted(session, began, part);
COMMIT;
