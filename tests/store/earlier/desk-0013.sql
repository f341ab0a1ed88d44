BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0013');
CREATE TABLE api_user (
	id INTEGER NOT NULL, 
	api_user VARCHAR NOT NULL, 
	api_key VARCHAR NOT NULL, 
	created_at DOUBLE NOT NULL, smtp BOOLEAN DEFAULT 0 NOT NULL, http_api BOOLEAN DEFAULT 1 NOT NULL, role VARCHAR DEFAULT 'user' NOT NULL, time_zone VARCHAR DEFAULT 'Asia/Tokyo' NOT NULL, own_only BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (api_user)
);
INSERT INTO "api_user" VALUES(1,'api_user of an earlier version','api_key of an earlier version',1700000000.5,1,0,'admin','Europe/Paris',1);
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	delivery_number INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	outcome VARCHAR NOT NULL, 
	status INTEGER, 
	error VARCHAR, 
	request VARCHAR NOT NULL, 
	answer VARCHAR NOT NULL, answer_headers VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(delivery_number) REFERENCES delivery (number) ON DELETE CASCADE
);
INSERT INTO "attempt" VALUES(1,1,1,1700000000.5,1,'outcome of an earlier version',1,'error of an earlier version','request of an earlier version','answer of an earlier version','answer_headers of an earlier version');
CREATE TABLE block (
	number INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	composition VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	occurred INTEGER NOT NULL, 
	status INTEGER NOT NULL, 
	created_at DOUBLE NOT NULL, 
	removed_at DOUBLE, 
	removal VARCHAR NOT NULL, 
	exempt BOOLEAN NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id)
);
INSERT INTO "block" VALUES(1,'id of an earlier version','composition of an earlier version','email of an earlier version',1,1,1700000000.5,1700000000.5,'removal of an earlier version',1);
CREATE TABLE block_error (
	id INTEGER NOT NULL, 
	composition VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	status INTEGER NOT NULL, 
	occurred INTEGER NOT NULL, 
	counted_at DOUBLE NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (composition, email, status)
);
INSERT INTO "block_error" VALUES(1,'composition of an earlier version','email of an earlier version',1,1,1700000000.5);
CREATE TABLE block_terms (
	composition VARCHAR NOT NULL, 
	run_at VARCHAR NOT NULL, 
	watch_days INTEGER, 
	conditions JSON NOT NULL, 
	next_run_at DOUBLE NOT NULL, 
	last_run_at DOUBLE, 
	evaluated_until DOUBLE NOT NULL, 
	requested_at DOUBLE, 
	PRIMARY KEY (composition)
);
INSERT INTO "block_terms" VALUES('composition of an earlier version','run_at of an earlier version',1,'{}',1700000000.5,1700000000.5,1700000000.5,1700000000.5);
CREATE TABLE bounce (
	id INTEGER NOT NULL, 
	log_id VARCHAR NOT NULL, 
	mail_id INTEGER NOT NULL, 
	ordinal INTEGER NOT NULL, 
	composition VARCHAR NOT NULL, 
	created_at DOUBLE NOT NULL, 
	final BOOLEAN NOT NULL, 
	recipient VARCHAR NOT NULL, 
	error_status INTEGER NOT NULL, 
	override INTEGER, 
	status VARCHAR, 
	reply VARCHAR, 
	diagnostic VARCHAR NOT NULL, 
	evidence VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	header_from VARCHAR NOT NULL, 
	message_id VARCHAR NOT NULL, 
	return_path VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	api_data VARCHAR NOT NULL, own_report BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (log_id, mail_id, ordinal)
);
INSERT INTO "bounce" VALUES(1,'log_id of an earlier version',1,1,'composition of an earlier version',1700000000.5,1,'recipient of an earlier version',1,1,'status of an earlier version','reply of an earlier version','diagnostic of an earlier version','evidence of an earlier version','rule of an earlier version','header_from of an earlier version','message_id of an earlier version','return_path of an earlier version','subject of an earlier version','api_data of an earlier version',0);
CREATE TABLE catcher (
	id INTEGER NOT NULL, 
	token VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	answer VARCHAR NOT NULL, 
	created_at DOUBLE NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (token)
);
INSERT INTO "catcher" VALUES(1,'token of an earlier version','name of an earlier version','answer of an earlier version',1700000000.5);
CREATE TABLE caught (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	catcher_id INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	method VARCHAR NOT NULL, 
	path VARCHAR NOT NULL, 
	headers JSON NOT NULL, 
	size INTEGER NOT NULL, 
	answered INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	FOREIGN KEY(catcher_id) REFERENCES catcher (id) ON DELETE CASCADE
);
INSERT INTO "caught" VALUES(1,1,1700000000.5,'method of an earlier version','path of an earlier version','{}',1,1,X'78');
CREATE TABLE composition (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	draft JSON NOT NULL, 
	draft_version INTEGER NOT NULL, 
	draft_saved_at DOUBLE NOT NULL, 
	applied_number INTEGER, 
	removed_at DOUBLE, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "composition" VALUES(1,'pro',1,'{"name": "pro"}',1,1700000000.5,1,1700000000.5);
CREATE TABLE cursor (
	name VARCHAR NOT NULL, 
	log_id VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "cursor" VALUES('name of an earlier version','log_id of an earlier version',1);
CREATE TABLE delivery (
	number INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	mail_id INTEGER, 
	composition VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	filter VARCHAR NOT NULL, 
	recipient VARCHAR NOT NULL, 
	payload VARCHAR, 
	state VARCHAR NOT NULL, 
	due_at DOUBLE, 
	attempts INTEGER NOT NULL, 
	created_at DOUBLE NOT NULL, 
	finished_at DOUBLE, 
	PRIMARY KEY (number), 
	UNIQUE (id)
);
INSERT INTO "delivery" VALUES(1,'id of an earlier version','kind of an earlier version',1,'composition of an earlier version',1,'filter of an earlier version','recipient of an earlier version','payload of an earlier version','delivered',1700000000.5,1,1700000000.5,1700000000.5);
CREATE TABLE desk_setting (
	"key" VARCHAR NOT NULL, 
	value JSON NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "desk_setting" VALUES('retention','{"days": 7, "mails": 0}');
CREATE TABLE lesson_run (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	learner VARCHAR NOT NULL, 
	lesson VARCHAR NOT NULL, 
	composition VARCHAR NOT NULL, 
	began_at DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	passed JSON NOT NULL, 
	turned_down JSON NOT NULL, 
	kept JSON NOT NULL, 
	answers JSON NOT NULL
);
INSERT INTO "lesson_run" VALUES(1,'learner of an earlier version','lesson of an earlier version','composition of an earlier version',1700000000.5,1700000000.5,'passed of an earlier version','turned_down of an earlier version','kept of an earlier version','answers of an earlier version');
CREATE TABLE login_log (
	id INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	account VARCHAR NOT NULL, 
	via VARCHAR NOT NULL, 
	peer VARCHAR NOT NULL, 
	code INTEGER NOT NULL, 
	result VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "login_log" VALUES(1,1767225600.5,'shop','relay pro','127.0.0.1',535,'failure','5.7.8 Authentication credentials invalid',1);
CREATE TABLE operation_log (
	id INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	account VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	function VARCHAR NOT NULL, 
	operation VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "operation_log" VALUES(1,1767225600.5,'console','pro','settings','save','receiving.interval_ms');
CREATE TABLE outbound (
	id INTEGER NOT NULL, 
	log_id VARCHAR NOT NULL, 
	mail_id INTEGER, 
	own_id INTEGER, 
	composition VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	sender VARCHAR NOT NULL, 
	recipient VARCHAR NOT NULL, 
	domain VARCHAR NOT NULL, 
	forwarded_by VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at DOUBLE, 
	queued_at DOUBLE NOT NULL, 
	ended_at DOUBLE, 
	host VARCHAR NOT NULL, 
	code INTEGER, 
	enhanced VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	command VARCHAR NOT NULL, 
	error_status INTEGER, 
	report_id INTEGER, api_user VARCHAR DEFAULT '' NOT NULL, header_from VARCHAR DEFAULT '' NOT NULL, message_id VARCHAR DEFAULT '' NOT NULL, subject VARCHAR DEFAULT '' NOT NULL, api_data VARCHAR DEFAULT '' NOT NULL, source_ip VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "outbound" VALUES(1,'log_id of an earlier version',1,1,'composition of an earlier version',1,'sender of an earlier version','recipient of an earlier version','domain of an earlier version','forwarded_by of an earlier version','state of an earlier version',1,1700000000.5,1700000000.5,1700000000.5,'host of an earlier version',1,'enhanced of an earlier version','text of an earlier version','command of an earlier version',1,1,'api_user of an earlier version','header_from of an earlier version','message_id of an earlier version','subject of an earlier version','api_data of an earlier version','source_ip of an earlier version');
CREATE TABLE outbound_attempt (
	id INTEGER NOT NULL, 
	outbound_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	host VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	code INTEGER, 
	enhanced VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	command VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(outbound_id) REFERENCES outbound (id) ON DELETE CASCADE
);
INSERT INTO "outbound_attempt" VALUES(1,1,1,1700000000.5,1,'host of an earlier version','address of an earlier version',1,'enhanced of an earlier version','text of an earlier version','command of an earlier version','outcome of an earlier version');
CREATE TABLE outbound_count (
	composition VARCHAR NOT NULL, 
	span INTEGER NOT NULL, 
	slot INTEGER NOT NULL, 
	api_user VARCHAR NOT NULL, 
	queued INTEGER NOT NULL, 
	succeeded INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	"deferred" INTEGER NOT NULL, 
	blocked INTEGER NOT NULL, 
	PRIMARY KEY (composition, span, slot, api_user)
)
 WITHOUT ROWID

;
INSERT INTO "outbound_count" VALUES('composition of an earlier version',1,1,'api_user of an earlier version',1,1,1,1,1);
CREATE TABLE outbound_event (
	id INTEGER NOT NULL, 
	outbound_id INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	composition VARCHAR NOT NULL, 
	api_user VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	sender_ip VARCHAR NOT NULL, 
	error_status INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(outbound_id) REFERENCES outbound (id) ON DELETE CASCADE
);
INSERT INTO "outbound_event" VALUES(1,1,1700000000.5,'composition of an earlier version','api_user of an earlier version','status of an earlier version','reason of an earlier version','sender_ip of an earlier version',1);
CREATE TABLE outbound_own (
	id INTEGER NOT NULL, 
	about_id INTEGER NOT NULL, 
	made_at DOUBLE NOT NULL, 
	octets BLOB NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "outbound_own" VALUES(1,1,1700000000.5,X'6F6374657473');
CREATE TABLE read_mail (
	log_id VARCHAR NOT NULL, 
	mail_id INTEGER NOT NULL, 
	PRIMARY KEY (log_id, mail_id)
);
INSERT INTO "read_mail" VALUES('log_id of an earlier version',1);
CREATE TABLE read_up_to (
	log_id VARCHAR NOT NULL, 
	mail_id INTEGER NOT NULL, 
	PRIMARY KEY (log_id)
);
INSERT INTO "read_up_to" VALUES('log_id of an earlier version',1);
CREATE TABLE revision (
	id INTEGER NOT NULL, 
	composition_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	settings JSON NOT NULL, 
	at DOUBLE NOT NULL, 
	reason VARCHAR NOT NULL, smtp_users JSON DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(composition_id) REFERENCES composition (id) ON DELETE CASCADE, 
	UNIQUE (composition_id, number)
);
INSERT INTO "revision" VALUES(1,1,1,'applied','{"name": "pro"}',1700000000.5,'reason of an earlier version','{"api_user of an earlier version": "api_key of an earlier version"}');
CREATE TABLE strike (
	log_id VARCHAR NOT NULL, 
	mail_id INTEGER NOT NULL, 
	reader VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	at DOUBLE NOT NULL, 
	again BOOLEAN NOT NULL, 
	PRIMARY KEY (log_id, mail_id, reader)
);
INSERT INTO "strike" VALUES('log_id of an earlier version',1,'reader of an earlier version',1,1700000000.5,1);
CREATE INDEX bounce_created ON bounce (created_at);
CREATE INDEX bounce_recipient ON bounce (recipient);
CREATE INDEX delivery_due ON delivery (state, composition, filter, due_at);
CREATE INDEX delivery_mail ON delivery (mail_id);
CREATE INDEX delivery_state ON delivery (state, number);
CREATE INDEX attempt_delivery ON attempt (delivery_number);
CREATE INDEX caught_catcher ON caught (catcher_id, id);
CREATE INDEX outbound_due ON outbound (composition, domain, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbound_state ON outbound (state, id);
CREATE INDEX outbound_mail ON outbound (mail_id);
CREATE INDEX outbound_report ON outbound (own_id) WHERE own_id IS NOT NULL;
CREATE INDEX outbound_attempt_row ON outbound_attempt (outbound_id);
CREATE UNIQUE INDEX block_active ON block (composition, email) WHERE removed_at IS NULL;
CREATE INDEX block_list ON block (composition, number) WHERE removed_at IS NULL;
CREATE INDEX block_age ON block (composition, created_at) WHERE removed_at IS NULL;
CREATE INDEX block_exempt ON block (composition, email) WHERE exempt;
CREATE INDEX block_removed ON block (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX block_error_counted ON block_error (counted_at, id);
CREATE INDEX outbound_event_row ON outbound_event (outbound_id);
CREATE INDEX outbound_event_time ON outbound_event (composition, at, outbound_id, status, api_user);
CREATE INDEX login_log_at ON login_log (at);
CREATE INDEX login_log_account ON login_log (account, at);
CREATE INDEX operation_log_at ON operation_log (at);
CREATE INDEX operation_log_account ON operation_log (account, at);
CREATE INDEX lesson_run_learner ON lesson_run (learner, lesson);
CREATE INDEX bounce_counted ON bounce (created_at, final, composition, error_status, override, recipient);
CREATE INDEX outbound_message ON outbound (message_id) WHERE message_id <> '';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('caught',1);
INSERT INTO "sqlite_sequence" VALUES('lesson_run',1);
COMMIT;
