BEGIN TRANSACTION;
CREATE TABLE batches (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	date DATE NOT NULL, 
	began TEXT NOT NULL, 
	engine TEXT NOT NULL, 
	ended TEXT, 
	exit INTEGER, 
	resumed BOOLEAN NOT NULL, max_cost TEXT, 
	CONSTRAINT pk_batches PRIMARY KEY (number), 
	CONSTRAINT uq_batches_id UNIQUE (id)
);
INSERT INTO "batches" VALUES(1,'2026-11-22','2026-11-22','2026-11-22T03:30:00.000000+00:00','openai','2026-11-22T04:30:00.000000+00:00',3,0,NULL);
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
INSERT INTO "entries" VALUES(2,'2026-11-22','57b671ca7bcab8635dd6c76e345e1ca40326196444e9abc2db80913c9d8491f9','feeds/today.xml','tag:snipé','https://tools.example/snipé','Snipé',NULL,'new','efd38072212084d7b62632a1b9341f41',NULL,'2026-11-22T03:30:00.000000+00:00');
INSERT INTO "entries" VALUES(3,'2026-11-22','ad431e731e094d504185cb1c4bff1f3097b69daafddc8e1de25bc6deb42adc5b','feeds/today.xml','tag:zweck','https://tools.example/zweck','Zweck',NULL,'new','20b08c4ed451fb4e72563df398f814db',NULL,'2026-11-22T03:30:00.000000+00:00');
INSERT INTO "entries" VALUES(4,'2026-11-22','bcabd811de5bc2acbdf6d9efab0cf999b1577b4430ff2a1f9beb3a003bc8d4df','feeds/today.xml','tag:quillbase','https://tools.example/quillbase','Quillbase',NULL,'duplicate','35bf7055bc3bb3518a4f6b72799f67e7',NULL,'2026-11-22T03:30:00.000000+00:00');
INSERT INTO "entries" VALUES(5,'2026-11-22','bcaced13000312fc1c47fc17d3d99f779ddc0edb93cd40e0bc901b013432200a','feeds/today.xml','tag:quillbase','https://tools.example/quillbase','Quillbase',NULL,'revised','02e82ff783aca14a8b254e159c20d33b','quillbase-0a1b2c3d','2026-11-22T03:35:00.000000+00:00');
CREATE TABLE feed_lines (
	batch TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	line TEXT NOT NULL, 
	CONSTRAINT pk_feed_lines PRIMARY KEY (batch, "key"), 
	CONSTRAINT fk_feed_lines_batch FOREIGN KEY(batch) REFERENCES batches (id)
);
INSERT INTO "feed_lines" VALUES('2026-11-22','e21932484ee4750ada9c4783dc47959bec645636640638158bff69959f8e871c',1,'{"source":"feeds/today.xml","entries":4,"why":null,"unchanged":false,"malformed":null,"left_out":0,"reasons":[],"beyond":0}');
CREATE TABLE feeds (
	"key" TEXT NOT NULL, 
	source TEXT NOT NULL, 
	etag TEXT, 
	last_modified TEXT, 
	CONSTRAINT pk_feeds PRIMARY KEY ("key")
);
INSERT INTO "feeds" VALUES('c15e784342f94f7726be815cf4300e35bf48419508b8c26afb63d28770a29f9d','https://feeds.example/a.xml','"a1"','Sun, 22 Nov 2026 03:00:00 GMT');
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
INSERT INTO "job_runs" VALUES('snipe-0a1b2c3d','2026-11-22','efd38072212084d7b62632a1b9341f41','2026-11-22','2026-11-22T03:31:00.000000+00:00','2026-11-22T03:33:00.000000+00:00','failed',NULL,0,0,0,0,NULL);
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
INSERT INTO "jobs" VALUES('efd38072212084d7b62632a1b9341f41',2,'2026-11-22','feeds/today.xml','{"name":"Snipé","description":"Snipé keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/snipé","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}','snipe','Snipé','failed',NULL,'snipe-0a1b2c3d','2026-11-22','no answer…',1,0,'{"decision":null,"ships":0,"scorecards":0,"seats":0,"mean":null,"split":[],"voices":[{"persona":"persona_0","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_1","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_2","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_3","model":"gpt-test","verdict":null,"score":null}],"flags":[],"exchanges":0,"invalid":0,"calls":0,"retries":0,"tokens_in":0,"tokens_cached":0,"tokens_out":0,"cost_usd":null,"unpriced":[],"evidence":0,"verbatim":0,"ms":0,"retryable":false}','2026-11-22T03:33:00.000000+00:00');
INSERT INTO "jobs" VALUES('20b08c4ed451fb4e72563df398f814db',3,'2026-11-22','feeds/today.xml','{"name":"Zweck","description":"Zweck keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/zweck","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}','zweck','Zweck','queued',NULL,NULL,NULL,'read',0,1,NULL,'2026-11-22T03:34:00.000000+00:00');
INSERT INTO "jobs" VALUES('02e82ff783aca14a8b254e159c20d33b',4,'2026-11-22','feeds/today.xml','{"name":"Quillbase","description":"Quillbase keeps notes in plain files and now exports them in one command.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/quillbase","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}','quillbase','Quillbase','queued','35bf7055bc3bb3518a4f6b72799f67e7',NULL,NULL,NULL,0,0,NULL,'2026-11-22T03:35:00.000000+00:00');
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
	document TEXT, 
	CONSTRAINT pk_journal PRIMARY KEY (number)
);
INSERT INTO "journal" VALUES(1,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','begun','batch 2026-11-22',NULL,'6bbcc18b373f27d5175cfbd56f6a358ff568884d28377edec7eb1a7d73f2b3c1',NULL,'c03904eee103154249a6a81e730a8f439482f5ca71f4fc4ba499640726b108c0','97abf66fdd0e4c6cb293ea47122b2963',NULL);
INSERT INTO "journal" VALUES(2,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> queued','job 35bf7055bc3bb3518a4f6b72799f67e7',NULL,'ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e',NULL,'c4e0cd4a3d2554350574130760b095fbba803521f362f2c41307a088ea6864ee',NULL,NULL);
INSERT INTO "journal" VALUES(3,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> queued','job efd38072212084d7b62632a1b9341f41',NULL,'6466884dcb28ece2a4ae5d4d18838e7382b7295ad994f174347d7fad5255ec4d',NULL,'b1582dc20cac8c61d3d945985578b75e3722c45ff3605601faf9ca0d9857e3ff',NULL,NULL);
INSERT INTO "journal" VALUES(4,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> queued','job 20b08c4ed451fb4e72563df398f814db',NULL,'3d838e786699cc84f4f66bb8cc48a4dcaf93630f6f6763d87497bb3e402dcacf',NULL,'1ae05ee3aa0d8419ff5991f81750e1cccff36103568c3620101d840178a08841',NULL,NULL);
INSERT INTO "journal" VALUES(5,'2026-11-22T03:30:00.000000+00:00','batch 2026-11-22','announced -> duplicate','job 35bf7055bc3bb3518a4f6b72799f67e7',NULL,NULL,'feeds/today.xml: tag:quillbase','506e7c4f39402a568c1d872baa4d13e3059134e21dc06ba4f25578581b1f9168',NULL,NULL);
INSERT INTO "journal" VALUES(6,'2026-11-22T03:31:00.000000+00:00','batch','queued -> running','job 35bf7055bc3bb3518a4f6b72799f67e7','ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e','74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e',NULL,'d325ffa24c477d2029d64186bfe1829a7683541ae5de3f78517ba05ab1c1ca27','019bf7a1a9794954b317ff7ab1d47149',NULL);
INSERT INTO "journal" VALUES(7,'2026-11-22T03:32:00.000000+00:00','batch','running -> in_review','job 35bf7055bc3bb3518a4f6b72799f67e7','74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e','0ede03ae724fe695615c5a1e937d3eaf9a334ed1191b321a041ea5768bd4ae3f',NULL,'39e2938649400801e9fe3b85a08b42ca5593d4936cd484334a59d1df273a6338','b1120099d8f24658a173b3f4da0f9b1f',NULL);
INSERT INTO "journal" VALUES(8,'2026-11-22T03:31:00.000000+00:00','batch','queued -> running','job efd38072212084d7b62632a1b9341f41','6466884dcb28ece2a4ae5d4d18838e7382b7295ad994f174347d7fad5255ec4d','53ffa26869ffab8fe0a14b2d948d34f6d9c0d5178165640f71afdb47fd91eb74',NULL,'e84ee8157f6896d2d1bd39da5ce1509babbaf775b91bedb1f8befbe3cc6e6e76','2e3b8684c61d4d039a94346ad07ec51e',NULL);
INSERT INTO "journal" VALUES(9,'2026-11-22T03:33:00.000000+00:00','batch','running -> failed','job efd38072212084d7b62632a1b9341f41','53ffa26869ffab8fe0a14b2d948d34f6d9c0d5178165640f71afdb47fd91eb74','e227e275125901cf4c9285a42719c7d42f11631a66d368a87ba89d07aedf87dd','no answer…','3c878369643ac8691b956cf6f8bedfb44bd0408d264b1c140cdd3c9f00f2d7ee','9e477e5e42a148d98a7b4deb0bd95496',NULL);
INSERT INTO "journal" VALUES(10,'2026-11-22T03:31:00.000000+00:00','screen','queued -> held','job 20b08c4ed451fb4e72563df398f814db','3d838e786699cc84f4f66bb8cc48a4dcaf93630f6f6763d87497bb3e402dcacf','f3df8ace1cad83b8a02d7448429d95a932a5fb5dab0369b610c40be9e6333b5a','it addresses the reviewers','6bee1ef12362bf5b4c64e1747168d65323b4b2c772c7ef7a99e8e94a91cdace2','8689593656a8446da477505b30e209fe',NULL);
INSERT INTO "journal" VALUES(11,'2026-11-22T03:34:00.000000+00:00','editor','held -> queued','job 20b08c4ed451fb4e72563df398f814db','f3df8ace1cad83b8a02d7448429d95a932a5fb5dab0369b610c40be9e6333b5a','5f33850eb94a065e3e6a3133d762cd5ba8328afeea6186111c59b7488dbd9898','read','d54152107a625199ea5638fa3e2aed6a86d569b2c460af96a72581ce8a41c19f','1c03f00b3abd4c2ea67f0ecd5ec2ace5',NULL);
INSERT INTO "journal" VALUES(12,'2026-11-22T03:35:00.000000+00:00','batch 2026-11-22','announced -> queued','job 02e82ff783aca14a8b254e159c20d33b',NULL,'0d69180ab2ba0411f880055d57e215ff9e66cc05033fab0d5fb1c0281a43edd6','revises 35bf7055bc3bb3518a4f6b72799f67e7','47a845deb1eb064dab2bcf1a6c12905295abf440ed682ff8c5a6276d4a2131fa',NULL,NULL);
INSERT INTO "journal" VALUES(13,'2026-11-22T03:36:00.000000+00:00','batch','posted 2 requests','openai b_1',NULL,'c8d39f2af9c1b8c0cb3645b844a09a38d72e987cbd7593c3ad8cc76a134283ea',NULL,'68788b958dd2a0a924533995fb4a9286f68f899f002190ba0cd33e49737aadb6',NULL,NULL);
INSERT INTO "journal" VALUES(14,'2026-11-23T08:00:00.000000+00:00','Duty editor','edit','tool quillbase',NULL,'b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6','Read beside the text.','3d0f29049730a7ad6dc05c8cc2cfa4bf1279adb02bba59a29e2cae2c1f485d3f','2d4d2a4ff94f4d34ad688e7814b18c75','{"kind":"edit","subject":{"day":"2026-11-22","run":"quillbase-0a1b2c3d","tool":"quillbase","name":"Quillbase"},"editor":"Duty editor","reason":"Read beside the text.","at":"2026-11-23T08:00:00Z","grounds":{"run":"b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6","text":"748c39192600d75df58921704d2ec083f41aa768dc4b1be193d0bbdc4c1fa1e2","versions":{"shipskip":"0.1.0"}},"changes":[],"verdict":null,"answers":{},"read":["builder.take.4"],"undoes":null,"from_list":false}');
INSERT INTO "journal" VALUES(15,'2026-11-23T08:00:00.000000+00:00','Duty editor','approve','tool quillbase',NULL,'b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6','Read beside the text.','de9921c7d804d2b92efc9727b6f64056f568074a7c1ed69c61688c860650f400','a5e70580604c401ca21bcb7632fb712b','{"kind":"approve","subject":{"day":"2026-11-22","run":"quillbase-0a1b2c3d","tool":"quillbase","name":"Quillbase"},"editor":"Duty editor","reason":"Read beside the text.","at":"2026-11-23T08:00:00Z","grounds":{"run":"b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6","text":"748c39192600d75df58921704d2ec083f41aa768dc4b1be193d0bbdc4c1fa1e2","versions":{"shipskip":"0.1.0"}},"changes":[],"verdict":null,"answers":{},"read":[],"undoes":null,"from_list":false}');
INSERT INTO "journal" VALUES(16,'2026-11-22T10:10:00.000000+00:00','site build','built','site',NULL,'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',NULL,'c8cf09a981416eb4f4912220bc2e31c1bb44724d9416d2cc69f39e447b051497','150cdf639242420ca4a99afb2220f20b','{"at":"2026-11-22T10:10:00Z","digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","upto":15}');
INSERT INTO "journal" VALUES(17,'2026-11-22T10:11:00.000000+00:00','predictions','take_claims','predictions',NULL,NULL,NULL,'c3d3987a77824e1067291b116333ffdd03c8d88b45fe5ead7c957c8a78d4fc80','75ee91137ac340348b0f2c36a0a67f74','{"runs":["2026-11-22/quillbase-0a1b2c3d"],"claims":[{"id":"quillbase-0a1b2c3d.builder","tool":"quillbase","name":"Quillbase","reviewer":"builder","made":"2026-11-22","claim":"A hosted plan appears.","by":"2027-06-30","probability":0.6}]}');
INSERT INTO "journal" VALUES(18,'2026-11-22T04:30:00.000000+00:00','batch 2026-11-22','ended','batch 2026-11-22','6bbcc18b373f27d5175cfbd56f6a358ff568884d28377edec7eb1a7d73f2b3c1','7b146159cd6effaf7a70ebde58ee91486fbf949d56eb223fc8bbb09f485d4bc7','exit 3','46f11b9d4f15d9e0ffa361dc5b544fc2219624ceccccfc7885f2675f9bad2385','f35f38ddee484e52920c687d1e7baa62',NULL);
INSERT INTO "journal" VALUES(19,'2026-11-22T03:31:00.000000+00:00','watch','page_changed','page quillbase',NULL,NULL,NULL,'664d7065c844c6ced5c05f80c47e4502c5b6e7679ebecfe98eacf6ea61987693','e49bed8daa294f82949155269e23b609','{"tool":"quillbase","name":"Quillbase","day":"2026-11-22","run":"r-1","url":"https://tools.example/quillbase","at":"2026-11-22T03:31:00Z","job":"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj","difference":{"prices":{"changed":[],"new":[],"gone":[]},"terms":[],"votes":[],"verdict":null,"text":{"new":["It costs $10."],"gone":["It costs $8 — “now”."],"left_out":0}}}');
CREATE TABLE journal_head (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	chain TEXT NOT NULL, 
	CONSTRAINT pk_journal_head PRIMARY KEY (id), 
	CONSTRAINT ck_journal_head_one_row CHECK (id = 1)
);
INSERT INTO "journal_head" VALUES(1,19,'664d7065c844c6ced5c05f80c47e4502c5b6e7679ebecfe98eacf6ea61987693');
CREATE TABLE ledger_version (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT pk_ledger_version PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_version_one_row CHECK (id = 1)
);
INSERT INTO "ledger_version" VALUES(1,3);
CREATE TABLE origins (
	origin TEXT NOT NULL, 
	job TEXT NOT NULL, 
	CONSTRAINT pk_origins PRIMARY KEY (origin), 
	CONSTRAINT fk_origins_job FOREIGN KEY(job) REFERENCES jobs (id)
);
INSERT INTO "origins" VALUES('914db2f7921d64aa3e042e443ec53a3d','02e82ff783aca14a8b254e159c20d33b');
INSERT INTO "origins" VALUES('c3f4f9dbe30932ac127c04b1e29e5166','02e82ff783aca14a8b254e159c20d33b');
INSERT INTO "origins" VALUES('0f6eb3e23a74eeeaa227045f270e306c','efd38072212084d7b62632a1b9341f41');
INSERT INTO "origins" VALUES('a5e6713b61c5ce9d73cde745dbd3a74e','efd38072212084d7b62632a1b9341f41');
INSERT INTO "origins" VALUES('6ab8dcfeca48999c757b21feaff7e9c7','20b08c4ed451fb4e72563df398f814db');
INSERT INTO "origins" VALUES('64f296aa9bbd28e0ea755966fa998f5a','20b08c4ed451fb4e72563df398f814db');
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
INSERT INTO "voices" VALUES('efd38072212084d7b62632a1b9341f41',0,'2026-11-22T03:33:00.000000+00:00','persona_0','gpt-test','ship',7.1);
INSERT INTO "voices" VALUES('efd38072212084d7b62632a1b9341f41',1,'2026-11-22T03:33:00.000000+00:00','persona_1','gpt-test',NULL,NULL);
INSERT INTO "voices" VALUES('efd38072212084d7b62632a1b9341f41',2,'2026-11-22T03:33:00.000000+00:00','persona_2','gpt-test',NULL,NULL);
INSERT INTO "voices" VALUES('efd38072212084d7b62632a1b9341f41',3,'2026-11-22T03:33:00.000000+00:00','persona_3','gpt-test',NULL,NULL);
CREATE TABLE watched_pages (
	tool TEXT NOT NULL, 
	decided INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	day DATE, 
	run TEXT, 
	url TEXT, 
	etag TEXT, 
	last_modified TEXT, 
	checked TEXT, 
	answer TEXT, 
	why TEXT, 
	text TEXT, 
	CONSTRAINT pk_watched_pages PRIMARY KEY (tool)
);
INSERT INTO "watched_pages" VALUES('quillbase',7,'Quillbase','2026-11-22','r-1','https://tools.example/quillbase','"a"','today','2026-11-22T03:31:00.000000+00:00','changed',NULL,'It costs $10.
It runs at home.');
INSERT INTO "watched_pages" VALUES('b-tool',9,'Quillbase',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE INDEX ix_batches_date ON batches (date);
CREATE INDEX ix_posted_closed_at ON posted (closed, at);
CREATE INDEX ix_journal_documents_by_object_number ON journal (object, number) WHERE document IS NOT NULL;
CREATE INDEX ix_journal_documents_by_number ON journal (number) WHERE document IS NOT NULL;
CREATE TRIGGER journal_refuses_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_refuses_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_refuses_replace BEFORE INSERT ON journal WHEN NEW.number <= (SELECT max(number) FROM journal) BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX ix_jobs_state_number ON jobs (state, number);
CREATE INDEX ix_jobs_slug_number ON jobs (slug, number);
CREATE INDEX ix_jobs_batch_number ON jobs (batch, number);
CREATE INDEX ix_entries_job ON entries (job);
CREATE INDEX ix_origins_job ON origins (job);
CREATE INDEX ix_job_runs_job ON job_runs (job);
CREATE INDEX ix_job_runs_moved ON job_runs (moved);
CREATE INDEX ix_voices_at_job_position ON voices (at, job, position);
COMMIT;
