CREATE FUNCTION public.journal_refuses() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$;
CREATE TABLE public.batches (
    number integer NOT NULL,
    id text NOT NULL,
    date date NOT NULL,
    began text NOT NULL,
    engine text NOT NULL,
    ended text,
    exit integer,
    resumed boolean NOT NULL
);
CREATE TABLE public.entries (
    number integer NOT NULL,
    batch text NOT NULL,
    key text NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    link text,
    title text NOT NULL,
    published text,
    seen text NOT NULL,
    job text NOT NULL,
    of_run text,
    at text NOT NULL
);
CREATE TABLE public.feed_lines (
    batch text NOT NULL,
    key text NOT NULL,
    "position" integer NOT NULL,
    line text NOT NULL
);
CREATE TABLE public.feeds (
    key text NOT NULL,
    source text NOT NULL,
    etag text,
    last_modified text
);
CREATE TABLE public.job_runs (
    run text NOT NULL,
    run_date date NOT NULL,
    job text NOT NULL,
    batch text NOT NULL,
    began text NOT NULL,
    moved text NOT NULL,
    state text NOT NULL,
    decision text,
    calls bigint NOT NULL,
    tokens_in bigint NOT NULL,
    tokens_cached bigint NOT NULL,
    tokens_out bigint NOT NULL,
    cost_usd text
);
CREATE TABLE public.jobs (
    id text NOT NULL,
    number integer NOT NULL,
    batch text NOT NULL,
    source text NOT NULL,
    tool text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    revises text,
    run text,
    run_date date,
    reason text,
    tries integer NOT NULL,
    cleared boolean NOT NULL,
    outcome text,
    moved text NOT NULL
);
CREATE TABLE public.journal (
    number integer NOT NULL,
    at text NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    before text,
    after text,
    reason text,
    chain text NOT NULL,
    ticket text
);
CREATE TABLE public.journal_head (
    id integer NOT NULL,
    number integer NOT NULL,
    chain text NOT NULL,
    CONSTRAINT ck_journal_head_one_row CHECK ((id = 1))
);
CREATE TABLE public.ledger_version (
    id integer NOT NULL,
    version integer NOT NULL,
    CONSTRAINT ck_ledger_version_one_row CHECK ((id = 1))
);
CREATE TABLE public.origins (
    origin text NOT NULL,
    job text NOT NULL
);
CREATE TABLE public.posted (
    provider text NOT NULL,
    id text NOT NULL,
    model text NOT NULL,
    request_keys text NOT NULL,
    at text NOT NULL,
    closed text
);
CREATE TABLE public.voices (
    job text NOT NULL,
    "position" integer NOT NULL,
    at text NOT NULL,
    persona text NOT NULL,
    model text NOT NULL,
    verdict text,
    score double precision
);
INSERT INTO public.batches (number, id, date, began, engine, ended, exit, resumed) VALUES (1, '2026-11-22', '2026-11-22', '2026-11-22T03:30:00.000000+00:00', 'openai:gpt-test', '2026-11-22T04:30:00.000000+00:00', 3, false);
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (1, '2026-11-22', 'a5c169926c09c5850f0fe2d2de8c6f0c6c330578cfd12383bbed50d9ab11dc55', 'feeds/today.xml', 'tag:quillbase', 'https://tools.example/quillbase', 'Quillbase', NULL, 'new', '35bf7055bc3bb3518a4f6b72799f67e7', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (2, '2026-11-22', '9cf31a4564abff3907f363d51d69b16945efd1cd19f3ecfab1301ff087b13f69', 'feeds/today.xml', 'tag:turbo-ocr-文字', 'https://tools.example/turbo-ocr-文字', 'Turbo OCR 文字', NULL, 'new', '127b86e649a37d93f656e599bdc61933', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (3, '2026-11-22', '53308e0d2aa8e7bc31def564a132a81fa9731e8cccf4e258cd14aaf88ec93304', 'feeds/today.xml', 'tag:held-one', 'https://tools.example/held-one', 'Held one', NULL, 'new', '46b0f43056bb2be17291abbd6f71b6cd', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (4, '2026-11-22', 'bcabd811de5bc2acbdf6d9efab0cf999b1577b4430ff2a1f9beb3a003bc8d4df', 'feeds/today.xml', 'tag:quillbase', 'https://tools.example/quillbase', 'Quillbase', NULL, 'duplicate', '35bf7055bc3bb3518a4f6b72799f67e7', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (5, '2026-11-22', '81d9dc8ced4f2b2e9b59db6154aaa235649f30eb871bff0d23c1cc71016bf4b1', 'feeds/today.xml', 'tag:quillbase', 'https://tools.example/quillbase', 'Quillbase', NULL, 'revised', '56898ba2e6814b2b1faf6d3632677bca', 'quillbase-0a1b2c3d', '2026-11-22T03:35:00.000000+00:00');
INSERT INTO public.feeds (key, source, etag, last_modified) VALUES ('e21932484ee4750ada9c4783dc47959bec645636640638158bff69959f8e871c', 'feeds/today.xml', '"abc"', NULL);
INSERT INTO public.job_runs (run, run_date, job, batch, began, moved, state, decision, calls, tokens_in, tokens_cached, tokens_out, cost_usd) VALUES ('quillbase-0a1b2c3d', '2026-11-22', '35bf7055bc3bb3518a4f6b72799f67e7', '2026-11-22', '2026-11-22T03:31:00.000000+00:00', '2026-11-22T03:32:00.000000+00:00', 'in_review', 'ship', 0, 0, 0, 0, '0.1042');
INSERT INTO public.job_runs (run, run_date, job, batch, began, moved, state, decision, calls, tokens_in, tokens_cached, tokens_out, cost_usd) VALUES ('turbo-ocr-11112222', '2026-11-22', '127b86e649a37d93f656e599bdc61933', '2026-11-22', '2026-11-22T03:31:00.000000+00:00', '2026-11-22T03:33:00.000000+00:00', 'failed', NULL, 0, 0, 0, 0, NULL);
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 1, '2026-11-22', 'feeds/today.xml', '{"name":"Quillbase","description":"Quillbase keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/quillbase","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'quillbase', 'Quillbase', 'in_review', NULL, 'quillbase-0a1b2c3d', '2026-11-22', NULL, 1, false, '{"decision":"ship","ships":0,"scorecards":0,"seats":0,"mean":null,"split":[],"voices":[{"persona":"persona_0","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_1","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_2","model":"gpt-test","verdict":"skip","score":7.1},{"persona":"persona_3","model":"gpt-test","verdict":null,"score":null}],"flags":[],"exchanges":0,"invalid":0,"calls":0,"retries":0,"tokens_in":0,"tokens_cached":0,"tokens_out":0,"cost_usd":"0.1042","unpriced":[],"evidence":0,"verbatim":0,"ms":0,"retryable":false}', '2026-11-22T03:32:00.000000+00:00');
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('127b86e649a37d93f656e599bdc61933', 2, '2026-11-22', 'feeds/today.xml', '{"name":"Turbo OCR 文字","description":"Turbo OCR 文字 keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/turbo-ocr-文字","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'turbo-ocr-4b6222', 'Turbo OCR 文字', 'failed', NULL, 'turbo-ocr-11112222', '2026-11-22', '2 of 4 reviewers gave no valid answer', 1, false, '{"decision":null,"ships":0,"scorecards":0,"seats":0,"mean":null,"split":[],"voices":[{"persona":"persona_0","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_1","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_2","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_3","model":"gpt-test","verdict":null,"score":null}],"flags":[],"exchanges":0,"invalid":0,"calls":0,"retries":0,"tokens_in":0,"tokens_cached":0,"tokens_out":0,"cost_usd":null,"unpriced":[],"evidence":0,"verbatim":0,"ms":0,"retryable":false}', '2026-11-22T03:33:00.000000+00:00');
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('46b0f43056bb2be17291abbd6f71b6cd', 3, '2026-11-22', 'feeds/today.xml', '{"name":"Held one","description":"Held one keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/held-one","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'held-one', 'Held one', 'queued', NULL, NULL, NULL, 'A quotation.', 0, true, NULL, '2026-11-22T03:34:00.000000+00:00');
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('56898ba2e6814b2b1faf6d3632677bca', 4, '2026-11-22', 'feeds/today.xml', '{"name":"Quillbase","description":"Quillbase keeps notes in files, and now in the cloud as well.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/quillbase","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'quillbase', 'Quillbase', 'queued', '35bf7055bc3bb3518a4f6b72799f67e7', NULL, NULL, NULL, 0, false, NULL, '2026-11-22T03:35:00.000000+00:00');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (1, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'begun', 'batch 2026-11-22', NULL, '4e8cba2643925b42590f40cf0834d8a4504b694578cfdd381a4c020a3cd3c7ac', NULL, '69ba28547dc51fb71640aaf417f268ea7e5c401d8df58eadec30ccffaf23dd3d', 'f02b15cc1d11440ba3895b09e2703a2a');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (2, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job 35bf7055bc3bb3518a4f6b72799f67e7', NULL, 'ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e', NULL, '1d262c1817f75364923ebd495f5a3fabde0e7d68de77f052ecb306e8268bf8d0', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (3, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job 127b86e649a37d93f656e599bdc61933', NULL, '6d7915489d952e44ea0e906c214adfcd2f18c8ea4e0cab30a4bf8170a952f4cd', NULL, 'e81162b25da3f1d683abedcc219e95275a467468135aaf6f0a26c5ed30511b96', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (4, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job 46b0f43056bb2be17291abbd6f71b6cd', NULL, '1ea76feee4a2bbe16b65031ff98364883b6e0048f8d05c84c7f8e3eaf0135144', NULL, 'd8d15f0724eb2461a8bb4d481597acb511b1040c05cfed875deccd1eaf1ee72d', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (5, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> duplicate', 'job 35bf7055bc3bb3518a4f6b72799f67e7', NULL, NULL, 'feeds/today.xml: tag:quillbase', '5b2c1a4cd43a608cc233b059b90f42dd5e46b756def7554f0e72c9e470ce813b', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (6, '2026-11-22T03:31:00.000000+00:00', 'batch', 'queued -> running', 'job 35bf7055bc3bb3518a4f6b72799f67e7', 'ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e', '74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e', NULL, '97ede6b46aa377de9b18d37da761183a7396786efeb4910b2fa9a3457d5e00c3', 'c71e237045d24ac2a2238e6a51803b42');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (7, '2026-11-22T03:32:00.000000+00:00', 'batch', 'running -> in_review', 'job 35bf7055bc3bb3518a4f6b72799f67e7', '74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e', '0ede03ae724fe695615c5a1e937d3eaf9a334ed1191b321a041ea5768bd4ae3f', NULL, '539b4fdc686a466441fa48aade3111b00c9c5bc056332b43cb570b0397719c32', '67a011826b7d4e23af63b6d262500e18');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (8, '2026-11-22T03:31:00.000000+00:00', 'batch', 'queued -> running', 'job 127b86e649a37d93f656e599bdc61933', '6d7915489d952e44ea0e906c214adfcd2f18c8ea4e0cab30a4bf8170a952f4cd', 'fd73ced21a07e0c4de03aaee93cea624c8d22967d0c9794aa22b0d9fae8b8e33', NULL, 'cff757f87b07f13f86cf48e0bdd44f90d5015ba31a484b7773fea09e6e02d604', 'd4c9caa3ad42477ba3b3fb2e9a22698e');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (9, '2026-11-22T03:33:00.000000+00:00', 'batch', 'running -> failed', 'job 127b86e649a37d93f656e599bdc61933', 'fd73ced21a07e0c4de03aaee93cea624c8d22967d0c9794aa22b0d9fae8b8e33', '31ca768949df38b104fd67518235d0136f032db0ff57646685718702a49861d3', '2 of 4 reviewers gave no valid answer', 'bc5b1f112a404268cbbaab8e4acac8d283fde21baf9e2a3889a86f585225f551', '1b6abd99c3964b5685db256ad420b490');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (10, '2026-11-22T03:31:00.000000+00:00', 'screen', 'queued -> held', 'job 46b0f43056bb2be17291abbd6f71b6cd', '1ea76feee4a2bbe16b65031ff98364883b6e0048f8d05c84c7f8e3eaf0135144', 'ae676a645ba333c837022717a887fc26d592ba85d140ae8c1279160f78925f22', 'It addresses the reviewers: “ignore”.', 'efd270d2750d45fe8d84d132eb359c00553cba0e3b4480c9cc2a61d3a0bd009c', 'e87e5d4423b3449594c130b278ec17df');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (11, '2026-11-22T03:34:00.000000+00:00', 'editor', 'held -> queued', 'job 46b0f43056bb2be17291abbd6f71b6cd', 'ae676a645ba333c837022717a887fc26d592ba85d140ae8c1279160f78925f22', '13d53956ebfa6ca0233438a7b52a2670bbe91891cbb9498343917b4b4b910ce5', 'A quotation.', '7d83e7385be42f3cc800a4d34c8eae565551388b616e7cc5aa05ff0cafceb29d', 'd61cda974e8844a490ca4faba7035c14');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (12, '2026-11-22T03:35:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job 56898ba2e6814b2b1faf6d3632677bca', NULL, '020f24e60c76624c8e719ed4562beef62fea7c94d8c9b52af7579b567a08332f', 'revises 35bf7055bc3bb3518a4f6b72799f67e7', '145e0c4b1189bb2ffd9eaa584cdf8ef3f9ee3e43e8ca587a671cd2f595d08028', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (13, '2026-11-22T03:36:00.000000+00:00', 'batch', 'posted 2 requests', 'openai b_1', NULL, 'c8d39f2af9c1b8c0cb3645b844a09a38d72e987cbd7593c3ad8cc76a134283ea', NULL, 'd4ef1593a77a5205c4e341931089b1cbe5a6e40f1be3ca05d82c385d16a9d888', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket) VALUES (14, '2026-11-22T04:30:00.000000+00:00', 'batch 2026-11-22', 'ended', 'batch 2026-11-22', '4e8cba2643925b42590f40cf0834d8a4504b694578cfdd381a4c020a3cd3c7ac', 'd467031adad0f58fbff65b8c62d81d1750dbe24e2d53000eb5201dd8a4153045', 'exit 3', 'bca8ab21cd4460d6c87174a42b30662d14a120298d201a95bb0a248900ff80af', 'a876b19bc8de463ca10aef8724e8e79a');
INSERT INTO public.journal_head (id, number, chain) VALUES (1, 14, 'bca8ab21cd4460d6c87174a42b30662d14a120298d201a95bb0a248900ff80af');
INSERT INTO public.ledger_version (id, version) VALUES (1, 1);
INSERT INTO public.origins (origin, job) VALUES ('76973bc188fd83b7c8caf656a826e9a1', '127b86e649a37d93f656e599bdc61933');
INSERT INTO public.origins (origin, job) VALUES ('4c44443361cebc614fef18eda872cbae', '127b86e649a37d93f656e599bdc61933');
INSERT INTO public.origins (origin, job) VALUES ('7ed8eea27a7ae25a00f120da0c62aaf9', '46b0f43056bb2be17291abbd6f71b6cd');
INSERT INTO public.origins (origin, job) VALUES ('1b1f4d2e12f22c96a95c8f8846e9ee6d', '46b0f43056bb2be17291abbd6f71b6cd');
INSERT INTO public.origins (origin, job) VALUES ('c3f4f9dbe30932ac127c04b1e29e5166', '56898ba2e6814b2b1faf6d3632677bca');
INSERT INTO public.origins (origin, job) VALUES ('914db2f7921d64aa3e042e443ec53a3d', '56898ba2e6814b2b1faf6d3632677bca');
INSERT INTO public.posted (provider, id, model, request_keys, at, closed) VALUES ('openai', 'b_1', 'gpt-test', 'k1
k2', '2026-11-22T03:36:00.000000+00:00', NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 0, '2026-11-22T03:32:00.000000+00:00', 'persona_0', 'gpt-test', 'ship', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 1, '2026-11-22T03:32:00.000000+00:00', 'persona_1', 'gpt-test', 'ship', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 2, '2026-11-22T03:32:00.000000+00:00', 'persona_2', 'gpt-test', 'skip', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 3, '2026-11-22T03:32:00.000000+00:00', 'persona_3', 'gpt-test', NULL, NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('127b86e649a37d93f656e599bdc61933', 0, '2026-11-22T03:33:00.000000+00:00', 'persona_0', 'gpt-test', 'ship', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('127b86e649a37d93f656e599bdc61933', 1, '2026-11-22T03:33:00.000000+00:00', 'persona_1', 'gpt-test', NULL, NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('127b86e649a37d93f656e599bdc61933', 2, '2026-11-22T03:33:00.000000+00:00', 'persona_2', 'gpt-test', NULL, NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('127b86e649a37d93f656e599bdc61933', 3, '2026-11-22T03:33:00.000000+00:00', 'persona_3', 'gpt-test', NULL, NULL);
ALTER TABLE ONLY public.batches
    ADD CONSTRAINT pk_batches PRIMARY KEY (number);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT pk_entries PRIMARY KEY (number);
ALTER TABLE ONLY public.feed_lines
    ADD CONSTRAINT pk_feed_lines PRIMARY KEY (batch, key);
ALTER TABLE ONLY public.feeds
    ADD CONSTRAINT pk_feeds PRIMARY KEY (key);
ALTER TABLE ONLY public.job_runs
    ADD CONSTRAINT pk_job_runs PRIMARY KEY (run, run_date);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT pk_jobs PRIMARY KEY (id);
ALTER TABLE ONLY public.journal
    ADD CONSTRAINT pk_journal PRIMARY KEY (number);
ALTER TABLE ONLY public.journal_head
    ADD CONSTRAINT pk_journal_head PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger_version
    ADD CONSTRAINT pk_ledger_version PRIMARY KEY (id);
ALTER TABLE ONLY public.origins
    ADD CONSTRAINT pk_origins PRIMARY KEY (origin);
ALTER TABLE ONLY public.posted
    ADD CONSTRAINT pk_posted PRIMARY KEY (provider, id);
ALTER TABLE ONLY public.voices
    ADD CONSTRAINT pk_voices PRIMARY KEY (job, "position");
ALTER TABLE ONLY public.batches
    ADD CONSTRAINT uq_batches_id UNIQUE (id);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT uq_entries_batch_key UNIQUE (batch, key);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT uq_jobs_number UNIQUE (number);
CREATE INDEX ix_batches_date ON public.batches USING btree (date);
CREATE INDEX ix_entries_job ON public.entries USING btree (job);
CREATE INDEX ix_job_runs_job ON public.job_runs USING btree (job);
CREATE INDEX ix_job_runs_moved ON public.job_runs USING btree (moved);
CREATE INDEX ix_jobs_batch_number ON public.jobs USING btree (batch, number);
CREATE INDEX ix_jobs_slug_number ON public.jobs USING btree (slug, number);
CREATE INDEX ix_jobs_state_number ON public.jobs USING btree (state, number);
CREATE INDEX ix_origins_job ON public.origins USING btree (job);
CREATE INDEX ix_posted_closed_at ON public.posted USING btree (closed, at);
CREATE INDEX ix_voices_at_job_position ON public.voices USING btree (at, job, "position");
CREATE TRIGGER journal_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.journal FOR EACH STATEMENT EXECUTE FUNCTION public.journal_refuses();
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT fk_entries_batch FOREIGN KEY (batch) REFERENCES public.batches(id);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT fk_entries_job FOREIGN KEY (job) REFERENCES public.jobs(id);
ALTER TABLE ONLY public.feed_lines
    ADD CONSTRAINT fk_feed_lines_batch FOREIGN KEY (batch) REFERENCES public.batches(id);
ALTER TABLE ONLY public.job_runs
    ADD CONSTRAINT fk_job_runs_batch FOREIGN KEY (batch) REFERENCES public.batches(id);
ALTER TABLE ONLY public.job_runs
    ADD CONSTRAINT fk_job_runs_job FOREIGN KEY (job) REFERENCES public.jobs(id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT fk_jobs_batch FOREIGN KEY (batch) REFERENCES public.batches(id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT fk_jobs_revises FOREIGN KEY (revises) REFERENCES public.jobs(id);
ALTER TABLE ONLY public.origins
    ADD CONSTRAINT fk_origins_job FOREIGN KEY (job) REFERENCES public.jobs(id);
ALTER TABLE ONLY public.voices
    ADD CONSTRAINT fk_voices_job FOREIGN KEY (job) REFERENCES public.jobs(id);
