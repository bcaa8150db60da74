BEGIN TRANSACTION;
CREATE TABLE batches (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	date DATE NOT NULL, 
	began TEXT NOT NULL, 
	engine TEXT NOT NULL, 
	ended TEXT, 
	exit INTEGER, 
	resumed BOOLEAN NOT NULL, 
	CONSTRAINT pk_batches PRIMARY KEY (number), 
	CONSTRAINT uq_batches_id UNIQUE (id)
);
INSERT INTO "batches" VALUES(1,'2026-11-22','2026-11-22','2026-11-22T03:30:00.000000+00:00','openai:gpt-test','2026-11-22T04:30:00.000000+00:00',3,0);
CREATE TABLE entries (
	number INTEGER NOT NULL, 
	batch TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	source TEXT NOT NULL, 
	id TEXT NOT NULL, 
	link TEXT, 
	title TEXT NOT NULL, 
	published TEXT, 
	seen TEXT NOT NULL, 
	job TEXT NOT NULL, 
	of_run TEXT, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_entries PRIMARY KEY (number), 
	CONSTRAINT uq_entries_batch_key UNIQUE (batch, "key"), 
	CONSTRAINT fk_entries_batch FOREIGN KEY(batch) REFERENCES batches (id), 
	CONSTRAINT fk_entries_job FOREIGN KEY(job) REFERENCES jobs (id)
);
INSERT INTO "entries" VALUES(1,'2026-11-22','a5c169926c09c5850f0fe2d2de8c6f0c6c330578cfd12383bbed50d9ab11dc55','feeds/today.xml','tag:quillbase','https://tools.example/quillbase','Quillbase',NULL,'new','35bf7055bc3bb3518a4f6b72799f67e7',NULL,'2026-11-22T03:30:00.000000+00:00');
INSERT INTO "entries" VALUES(2,'2026-11-22','9cf31a4564abff3907f363d51d69b16945efd1cd19f3ecfab1301ff087b13f69','feeds/today.xml','tag:turbo-ocr-文字','https://tools.example/turbo-ocr-文字','Turbo OCR 文字',NULL,'new','127b86e649a37d93f656e599bdc61933',NULL,'2026-11-22T03:30:00.000000+00:00');
INSERT INTO "entries" VALUES(3,'2026-11-22','53308e0d2aa8e7bc31def564a132a81fa9731e8cccf4e258cd14aaf88ec93304','feeds/today.xml','tag:held-one','https://tools.example/held-one','Held one',NULL,'new','46b0f43056bb2be17291abbd6f71b6cd',NULL,'2026-11-22T03:30:00.000000+00:00');
INSERT INTO "entries" VALUES(4,'2026-11-22','bcabd811de5bc2acbdf6d9efab0cf999b1577b4430ff2a1f9beb3a003bc8d4df','feeds/today.xml','tag:quillbase','https://tools.example/quillbase','Quillbase',NULL,'duplicate','35bf7055bc3bb3518a4f6b72799f67e7',NULL,'2026-11-22T03:30:00.000000+00:00');
INSERT INTO "entries" VALUES(5,'2026-11-22','81d9dc8ced4f2b2e9b59db6154aaa235649f30eb871bff0d23c1cc71016bf4b1','feeds/today.xml','tag:quillbase','https://tools.example/quillbase','Quillbase',NULL,'revised','56898ba2e6814b2b1faf6d3632677bca','quillbase-0a1b2c3d','2026-11-22T03:35:00.000000+00:00');
CREATE TABLE feed_lines (
	batch TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	line TEXT NOT NULL, 
	CONSTRAINT pk_feed_lines PRIMARY KEY (batch, "key"), 
	CONSTRAINT fk_feed_lines_batch FOREIGN KEY(batch) REFERENCES batches (id)
);
CREATE TABLE feeds (
	"key" TEXT NOT NULL, 
	source TEXT NOT NULL, 
	etag TEXT, 
	last_modified TEXT, 
	CONSTRAINT pk_feeds PRIMARY KEY ("key")
);
INSERT INTO "feeds" VALUES('e21932484ee4750ada9c4783dc47959bec645636640638158bff69959f8e871c','feeds/today.xml','"abc"',NULL);
CREATE TABLE job_runs (
	run TEXT NOT NULL, 
	run_date DATE NOT NULL, 
	job TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	began TEXT NOT NULL, 
	moved TEXT NOT NULL, 
	state TEXT NOT NULL, 
	decision TEXT, 
	calls BIGINT NOT NULL, 
	tokens_in BIGINT NOT NULL, 
	tokens_cached BIGINT NOT NULL, 
	tokens_out BIGINT NOT NULL, 
	cost_usd TEXT, 
	CONSTRAINT pk_job_runs PRIMARY KEY (run, run_date), 
	CONSTRAINT fk_job_runs_job FOREIGN KEY(job) REFERENCES jobs (id), 
	CONSTRAINT fk_job_runs_batch FOREIGN KEY(batch) REFERENCES batches (id)
);
INSERT INTO "job_runs" VALUES('quillbase-0a1b2c3d','2026-11-22','35bf7055bc3bb3518a4f6b72799f67e7','2026-11-22','2026-11-22T03:31:00.000000+00:00','2026-11-22T03:32:00.000000+00:00','in_review','ship',0,0,0,0,'0.1042');
INSERT INTO "job_runs" VALUES('turbo-ocr-11112222','2026-11-22','127b86e649a37d93f656e599bdc61933','2026-11-22','2026-11-22T03:31:00.000000+00:00','2026-11-22T03:33:00.000000+00:00','failed',NULL,0,0,0,0,NULL);
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	batch TEXT NOT NULL, 
	source TEXT NOT NULL, 
	tool TEXT NOT NULL, 
	slug TEXT NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	revises TEXT, 
	run TEXT, 
	run_date DATE, 
	reason TEXT, 
	tries INTEGER NOT NULL, 
	cleared BOOLEAN NOT NULL, 
	outcome TEXT, 
	moved TEXT NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (id), 
	CONSTRAINT uq_jobs_number UNIQUE (number), 
	CONSTRAINT fk_jobs_batch FOREIGN KEY(batch) REFERENCES batches (id), 
	CONSTRAINT fk_jobs_revises FOREIGN KEY(revises) REFERENCES jobs (id)
);
INSERT INTO "jobs" VALUES('35bf7055bc3bb3518a4f6b72799f67e7',1,'2026-11-22','feeds/today.xml','{"name":"Quillbase","description":"Quillbase keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/quillbase","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}','quillbase','Quillbase','in_review',NULL,'quillbase-0a1b2c3d','2026-11-22',NULL,1,0,'{"decision":"ship","ships":0,"scorecards":0,"seats":0,"mean":null,"split":[],"voices":[{"persona":"persona_0","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_1","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_2","model":"gpt-test","verdict":"skip","score":7.1},{"persona":"persona_3","model":"gpt-test","verdict":null,"score":null}],"flags":[],"exchanges":0,"invalid":0,"calls":0,"retries":0,"tokens_in":0,"tokens_cached":0,"tokens_out":0,"cost_usd":"0.1042","unpriced":[],"evidence":0,"verbatim":0,"ms":0,"retryable":false}','2026-11-22T03:32:00.000000+00:00');
INSERT INTO "jobs" VALUES('127b86e649a37d93f656e599bdc61933',2,'2026-11-22','feeds/today.xml','{"name":"Turbo OCR 文字","description":"Turbo OCR 文字 keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/turbo-ocr-文字","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}','turbo-ocr-4b6222','Turbo OCR 文字','failed',NULL,'turbo-ocr-11112222','2026-11-22','2 of 4 reviewers gave no valid answer',1,0,'{"decision":null,"ships":0,"scorecards":0,"seats":0,"mean":null,"split":[],"voices":[{"persona":"persona_0","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_1","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_2","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_3","model":"gpt-test","verdict":null,"score":null}],"flags":[],"exchanges":0,"invalid":0,"calls":0,"retries":0,"tokens_in":0,"tokens_cached":0,"tokens_out":0,"cost_usd":null,"unpriced":[],"evidence":0,"verbatim":0,"ms":0,"retryable":false}','2026-11-22T03:33:00.000000+00:00');
INSERT INTO "jobs" VALUES('46b0f43056bb2be17291abbd6f71b6cd',3,'2026-11-22','feeds/today.xml','{"name":"Held one","description":"Held one keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/held-one","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}','held-one','Held one','queued',NULL,NULL,NULL,'A quotation.',0,1,NULL,'2026-11-22T03:34:00.000000+00:00');
INSERT INTO "jobs" VALUES('56898ba2e6814b2b1faf6d3632677bca',4,'2026-11-22','feeds/today.xml','{"name":"Quillbase","description":"Quillbase keeps notes in files, and now in the cloud as well.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/quillbase","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}','quillbase','Quillbase','queued','35bf7055bc3bb3518a4f6b72799f67e7',NULL,NULL,NULL,0,0,NULL,'2026-11-22T03:35:00.000000+00:00');
CREATE TABLE journal (
	number INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	object TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	reason TEXT, 
	chain TEXT NOT NULL, 
	ticket TEXT, 
	CONSTRAINT pk_journal PRIMARY KEY (number)
);
INSERT INTO "journal" VALUES(1,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','begun','batch 2026-11-22',NULL,'4e8cba2643925b42590f40cf0834d8a4504b694578cfdd381a4c020a3cd3c7ac',NULL,'69ba28547dc51fb71640aaf417f268ea7e5c401d8df58eadec30ccffaf23dd3d','aed7abdf856e45caa4414ca6ba57e70f');
INSERT INTO "journal" VALUES(2,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> queued','job 35bf7055bc3bb3518a4f6b72799f67e7',NULL,'ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e',NULL,'1d262c1817f75364923ebd495f5a3fabde0e7d68de77f052ecb306e8268bf8d0',NULL);
INSERT INTO "journal" VALUES(3,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> queued','job 127b86e649a37d93f656e599bdc61933',NULL,'6d7915489d952e44ea0e906c214adfcd2f18c8ea4e0cab30a4bf8170a952f4cd',NULL,'e81162b25da3f1d683abedcc219e95275a467468135aaf6f0a26c5ed30511b96',NULL);
INSERT INTO "journal" VALUES(4,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> queued','job 46b0f43056bb2be17291abbd6f71b6cd',NULL,'1ea76feee4a2bbe16b65031ff98364883b6e0048f8d05c84c7f8e3eaf0135144',NULL,'d8d15f0724eb2461a8bb4d481597acb511b1040c05cfed875deccd1eaf1ee72d',NULL);
INSERT INTO "journal" VALUES(5,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> duplicate','job 35bf7055bc3bb3518a4f6b72799f67e7',NULL,NULL,'feeds/today.xml: tag:quillbase','5b2c1a4cd43a608cc233b059b90f42dd5e46b756def7554f0e72c9e470ce813b',NULL);
INSERT INTO "journal" VALUES(6,'2026-11-22T03:31:00.000000+00:00','batch','queued -> running','job 35bf7055bc3bb3518a4f6b72799f67e7','ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e','74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e',NULL,'97ede6b46aa377de9b18d37da761183a7396786efeb4910b2fa9a3457d5e00c3','689d76decca14050b2919ecca1c9b7e7');
INSERT INTO "journal" VALUES(7,'2026-11-22T03:32:00.000000+00:00','batch','running -> in_review','job 35bf7055bc3bb3518a4f6b72799f67e7','74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e','0ede03ae724fe695615c5a1e937d3eaf9a334ed1191b321a041ea5768bd4ae3f',NULL,'539b4fdc686a466441fa48aade3111b00c9c5bc056332b43cb570b0397719c32','2fdae643f4cf4afe992e8a72f73b9fc2');
INSERT INTO "journal" VALUES(8,'2026-11-22T03:31:00.000000+00:00','batch','queued -> running','job 127b86e649a37d93f656e599bdc61933','6d7915489d952e44ea0e906c214adfcd2f18c8ea4e0cab30a4bf8170a952f4cd','fd73ced21a07e0c4de03aaee93cea624c8d22967d0c9794aa22b0d9fae8b8e33',NULL,'cff757f87b07f13f86cf48e0bdd44f90d5015ba31a484b7773fea09e6e02d604','2d6f3cffbd0b45fbb03ae13a79a25b7d');
INSERT INTO "journal" VALUES(9,'2026-11-22T03:33:00.000000+00:00','batch','running -> failed','job 127b86e649a37d93f656e599bdc61933','fd73ced21a07e0c4de03aaee93cea624c8d22967d0c9794aa22b0d9fae8b8e33','31ca768949df38b104fd67518235d0136f032db0ff57646685718702a49861d3','2 of 4 reviewers gave no valid answer','bc5b1f112a404268cbbaab8e4acac8d283fde21baf9e2a3889a86f585225f551','6b275473264041aa9c76b5b6b17b5f74');
INSERT INTO "journal" VALUES(10,'2026-11-22T03:31:00.000000+00:00','screen','queued -> held','job 46b0f43056bb2be17291abbd6f71b6cd','1ea76feee4a2bbe16b65031ff98364883b6e0048f8d05c84c7f8e3eaf0135144','ae676a645ba333c837022717a887fc26d592ba85d140ae8c1279160f78925f22','It addresses the reviewers: “ignore”.','efd270d2750d45fe8d84d132eb359c00553cba0e3b4480c9cc2a61d3a0bd009c','cab8f7480b3b486c8ecc0e6b28fb0819');
INSERT INTO "journal" VALUES(11,'2026-11-22T03:34:00.000000+00:00','editor','held -> queued','job 46b0f43056bb2be17291abbd6f71b6cd','ae676a645ba333c837022717a887fc26d592ba85d140ae8c1279160f78925f22','13d53956ebfa6ca0233438a7b52a2670bbe91891cbb9498343917b4b4b910ce5','A quotation.','7d83e7385be42f3cc800a4d34c8eae565551388b616e7cc5aa05ff0cafceb29d','defe649af3e74549abb934e0635798ae');
INSERT INTO "journal" VALUES(12,'2026-11-22T03:35:00.000000+00:00','batch 2026-11-22','announced -> queued','job 56898ba2e6814b2b1faf6d3632677bca',NULL,'020f24e60c76624c8e719ed4562beef62fea7c94d8c9b52af7579b567a08332f','revises 35bf7055bc3bb3518a4f6b72799f67e7','145e0c4b1189bb2ffd9eaa584cdf8ef3f9ee3e43e8ca587a671cd2f595d08028',NULL);
INSERT INTO "journal" VALUES(13,'2026-11-22T03:36:00.000000+00:00','batch','posted 2 requests','openai b_1',NULL,'c8d39f2af9c1b8c0cb3645b844a09a38d72e987cbd7593c3ad8cc76a134283ea',NULL,'d4ef1593a77a5205c4e341931089b1cbe5a6e40f1be3ca05d82c385d16a9d888',NULL);
INSERT INTO "journal" VALUES(14,'2026-11-22T04:30:00.000000+00:00','batch 2026-11-22','ended','batch 2026-11-22','4e8cba2643925b42590f40cf0834d8a4504b694578cfdd381a4c020a3cd3c7ac','d467031adad0f58fbff65b8c62d81d1750dbe24e2d53000eb5201dd8a4153045','exit 3','bca8ab21cd4460d6c87174a42b30662d14a120298d201a95bb0a248900ff80af','615c6f46546d47ea986c0ba18cff0916');
CREATE TABLE journal_head (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	chain TEXT NOT NULL, 
	CONSTRAINT pk_journal_head PRIMARY KEY (id), 
	CONSTRAINT ck_journal_head_one_row CHECK (id = 1)
);
INSERT INTO "journal_head" VALUES(1,14,'bca8ab21cd4460d6c87174a42b30662d14a120298d201a95bb0a248900ff80af');
CREATE TABLE ledger_version (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_ledger_version PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_version_one_row CHECK (id = 1)
);
INSERT INTO "ledger_version" VALUES(1,1);
CREATE TABLE origins (
	origin TEXT NOT NULL, 
	job TEXT NOT NULL, 
	CONSTRAINT pk_origins PRIMARY KEY (origin), 
	CONSTRAINT fk_origins_job FOREIGN KEY(job) REFERENCES jobs (id)
);
INSERT INTO "origins" VALUES('914db2f7921d64aa3e042e443ec53a3d','56898ba2e6814b2b1faf6d3632677bca');
INSERT INTO "origins" VALUES('c3f4f9dbe30932ac127c04b1e29e5166','56898ba2e6814b2b1faf6d3632677bca');
INSERT INTO "origins" VALUES('76973bc188fd83b7c8caf656a826e9a1','127b86e649a37d93f656e599bdc61933');
INSERT INTO "origins" VALUES('4c44443361cebc614fef18eda872cbae','127b86e649a37d93f656e599bdc61933');
INSERT INTO "origins" VALUES('7ed8eea27a7ae25a00f120da0c62aaf9','46b0f43056bb2be17291abbd6f71b6cd');
INSERT INTO "origins" VALUES('1b1f4d2e12f22c96a95c8f8846e9ee6d','46b0f43056bb2be17291abbd6f71b6cd');
CREATE TABLE posted (
	provider TEXT NOT NULL, 
	id TEXT NOT NULL, 
	model TEXT NOT NULL, 
	request_keys TEXT NOT NULL, 
	at TEXT NOT NULL, 
	closed TEXT, 
	CONSTRAINT pk_posted PRIMARY KEY (provider, id)
);
INSERT INTO "posted" VALUES('openai','b_1','gpt-test','k1
k2','2026-11-22T03:36:00.000000+00:00',NULL);
CREATE TABLE voices (
	job TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	persona TEXT NOT NULL, 
	model TEXT NOT NULL, 
	verdict TEXT, 
	score DOUBLE, 
	CONSTRAINT pk_voices PRIMARY KEY (job, position), 
	CONSTRAINT fk_voices_job FOREIGN KEY(job) REFERENCES jobs (id)
);
INSERT INTO "voices" VALUES('35bf7055bc3bb3518a4f6b72799f67e7',0,'2026-11-22T03:32:00.000000+00:00','persona_0','gpt-test','ship',7.1);
INSERT INTO "voices" VALUES('35bf7055bc3bb3518a4f6b72799f67e7',1,'2026-11-22T03:32:00.000000+00:00','persona_1','gpt-test','ship',7.1);
INSERT INTO "voices" VALUES('35bf7055bc3bb3518a4f6b72799f67e7',2,'2026-11-22T03:32:00.000000+00:00','persona_2','gpt-test','skip',7.1);
INSERT INTO "voices" VALUES('35bf7055bc3bb3518a4f6b72799f67e7',3,'2026-11-22T03:32:00.000000+00:00','persona_3','gpt-test',NULL,NULL);
INSERT INTO "voices" VALUES('127b86e649a37d93f656e599bdc61933',0,'2026-11-22T03:33:00.000000+00:00','persona_0','gpt-test','ship',7.1);
INSERT INTO "voices" VALUES('127b86e649a37d93f656e599bdc61933',1,'2026-11-22T03:33:00.000000+00:00','persona_1','gpt-test',NULL,NULL);
INSERT INTO "voices" VALUES('127b86e649a37d93f656e599bdc61933',2,'2026-11-22T03:33:00.000000+00:00','persona_2','gpt-test',NULL,NULL);
INSERT INTO "voices" VALUES('127b86e649a37d93f656e599bdc61933',3,'2026-11-22T03:33:00.000000+00:00','persona_3','gpt-test',NULL,NULL);
CREATE INDEX ix_batches_date ON batches (date);
CREATE INDEX ix_posted_closed_at ON posted (closed, at);
CREATE TRIGGER journal_refuses_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_refuses_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_refuses_replace BEFORE INSERT ON journal WHEN NEW.number <= (SELECT max(number) FROM journal) BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX ix_jobs_slug_number ON jobs (slug, number);
CREATE INDEX ix_jobs_batch_number ON jobs (batch, number);
CREATE INDEX ix_jobs_state_number ON jobs (state, number);
CREATE INDEX ix_entries_job ON entries (job);
CREATE INDEX ix_origins_job ON origins (job);
CREATE INDEX ix_job_runs_job ON job_runs (job);
CREATE INDEX ix_job_runs_moved ON job_runs (moved);
CREATE INDEX ix_voices_at_job_position ON voices (at, job, position);
COMMIT;
