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
    resumed boolean NOT NULL,
    max_cost text
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
    ticket text,
    document text
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
CREATE TABLE public.watched_pages (
    tool text NOT NULL,
    decided integer NOT NULL,
    name text NOT NULL,
    day date,
    run text,
    url text,
    etag text,
    last_modified text,
    checked text,
    answer text,
    why text,
    text text
);
INSERT INTO public.batches (number, id, date, began, engine, ended, exit, resumed, max_cost) VALUES (1, '2026-11-22', '2026-11-22', '2026-11-22T03:30:00.000000+00:00', 'openai', '2026-11-22T04:30:00.000000+00:00', 3, false, NULL);
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (1, '2026-11-22', 'a5c169926c09c5850f0fe2d2de8c6f0c6c330578cfd12383bbed50d9ab11dc55', 'feeds/today.xml', 'tag:quillbase', 'https://tools.example/quillbase', 'Quillbase', NULL, 'new', '35bf7055bc3bb3518a4f6b72799f67e7', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (2, '2026-11-22', '57b671ca7bcab8635dd6c76e345e1ca40326196444e9abc2db80913c9d8491f9', 'feeds/today.xml', 'tag:snipé', 'https://tools.example/snipé', 'Snipé', NULL, 'new', 'efd38072212084d7b62632a1b9341f41', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (3, '2026-11-22', 'ad431e731e094d504185cb1c4bff1f3097b69daafddc8e1de25bc6deb42adc5b', 'feeds/today.xml', 'tag:zweck', 'https://tools.example/zweck', 'Zweck', NULL, 'new', '20b08c4ed451fb4e72563df398f814db', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (4, '2026-11-22', 'bcabd811de5bc2acbdf6d9efab0cf999b1577b4430ff2a1f9beb3a003bc8d4df', 'feeds/today.xml', 'tag:quillbase', 'https://tools.example/quillbase', 'Quillbase', NULL, 'duplicate', '35bf7055bc3bb3518a4f6b72799f67e7', NULL, '2026-11-22T03:30:00.000000+00:00');
INSERT INTO public.entries (number, batch, key, source, id, link, title, published, seen, job, of_run, at) VALUES (5, '2026-11-22', 'bcaced13000312fc1c47fc17d3d99f779ddc0edb93cd40e0bc901b013432200a', 'feeds/today.xml', 'tag:quillbase', 'https://tools.example/quillbase', 'Quillbase', NULL, 'revised', '02e82ff783aca14a8b254e159c20d33b', 'quillbase-0a1b2c3d', '2026-11-22T03:35:00.000000+00:00');
INSERT INTO public.feed_lines (batch, key, "position", line) VALUES ('2026-11-22', 'e21932484ee4750ada9c4783dc47959bec645636640638158bff69959f8e871c', 1, '{"source":"feeds/today.xml","entries":4,"why":null,"unchanged":false,"malformed":null,"left_out":0,"reasons":[],"beyond":0}');
INSERT INTO public.feeds (key, source, etag, last_modified) VALUES ('c15e784342f94f7726be815cf4300e35bf48419508b8c26afb63d28770a29f9d', 'https://feeds.example/a.xml', '"a1"', 'Sun, 22 Nov 2026 03:00:00 GMT');
INSERT INTO public.job_runs (run, run_date, job, batch, began, moved, state, decision, calls, tokens_in, tokens_cached, tokens_out, cost_usd) VALUES ('quillbase-0a1b2c3d', '2026-11-22', '35bf7055bc3bb3518a4f6b72799f67e7', '2026-11-22', '2026-11-22T03:31:00.000000+00:00', '2026-11-22T03:32:00.000000+00:00', 'in_review', 'ship', 0, 0, 0, 0, '0.1042');
INSERT INTO public.job_runs (run, run_date, job, batch, began, moved, state, decision, calls, tokens_in, tokens_cached, tokens_out, cost_usd) VALUES ('snipe-0a1b2c3d', '2026-11-22', 'efd38072212084d7b62632a1b9341f41', '2026-11-22', '2026-11-22T03:31:00.000000+00:00', '2026-11-22T03:33:00.000000+00:00', 'failed', NULL, 0, 0, 0, 0, NULL);
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 1, '2026-11-22', 'feeds/today.xml', '{"name":"Quillbase","description":"Quillbase keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/quillbase","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'quillbase', 'Quillbase', 'in_review', NULL, 'quillbase-0a1b2c3d', '2026-11-22', NULL, 1, false, '{"decision":"ship","ships":0,"scorecards":0,"seats":0,"mean":null,"split":[],"voices":[{"persona":"persona_0","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_1","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_2","model":"gpt-test","verdict":"skip","score":7.1},{"persona":"persona_3","model":"gpt-test","verdict":null,"score":null}],"flags":[],"exchanges":0,"invalid":0,"calls":0,"retries":0,"tokens_in":0,"tokens_cached":0,"tokens_out":0,"cost_usd":"0.1042","unpriced":[],"evidence":0,"verbatim":0,"ms":0,"retryable":false}', '2026-11-22T03:32:00.000000+00:00');
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('efd38072212084d7b62632a1b9341f41', 2, '2026-11-22', 'feeds/today.xml', '{"name":"Snipé","description":"Snipé keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/snipé","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'snipe', 'Snipé', 'failed', NULL, 'snipe-0a1b2c3d', '2026-11-22', 'no answer…', 1, false, '{"decision":null,"ships":0,"scorecards":0,"seats":0,"mean":null,"split":[],"voices":[{"persona":"persona_0","model":"gpt-test","verdict":"ship","score":7.1},{"persona":"persona_1","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_2","model":"gpt-test","verdict":null,"score":null},{"persona":"persona_3","model":"gpt-test","verdict":null,"score":null}],"flags":[],"exchanges":0,"invalid":0,"calls":0,"retries":0,"tokens_in":0,"tokens_cached":0,"tokens_out":0,"cost_usd":null,"unpriced":[],"evidence":0,"verbatim":0,"ms":0,"retryable":false}', '2026-11-22T03:33:00.000000+00:00');
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('20b08c4ed451fb4e72563df398f814db', 3, '2026-11-22', 'feeds/today.xml', '{"name":"Zweck","description":"Zweck keeps the notes of a team in plain files on a server of its own.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/zweck","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'zweck', 'Zweck', 'queued', NULL, NULL, NULL, 'read', 0, true, NULL, '2026-11-22T03:34:00.000000+00:00');
INSERT INTO public.jobs (id, number, batch, source, tool, slug, name, state, revises, run, run_date, reason, tries, cleared, outcome, moved) VALUES ('02e82ff783aca14a8b254e159c20d33b', 4, '2026-11-22', 'feeds/today.xml', '{"name":"Quillbase","description":"Quillbase keeps notes in plain files and now exports them in one command.","tagline":null,"category":null,"vendor":null,"url":"https://tools.example/quillbase","entry":null,"prices":[],"licence":null,"not_stated":[],"evidence":{},"open_points":[]}', 'quillbase', 'Quillbase', 'queued', '35bf7055bc3bb3518a4f6b72799f67e7', NULL, NULL, NULL, 0, false, NULL, '2026-11-22T03:35:00.000000+00:00');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (1, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'begun', 'batch 2026-11-22', NULL, '6bbcc18b373f27d5175cfbd56f6a358ff568884d28377edec7eb1a7d73f2b3c1', NULL, 'c03904eee103154249a6a81e730a8f439482f5ca71f4fc4ba499640726b108c0', '21ca1a35433946dea997759ecfaa8d6b', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (2, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job 35bf7055bc3bb3518a4f6b72799f67e7', NULL, 'ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e', NULL, 'c4e0cd4a3d2554350574130760b095fbba803521f362f2c41307a088ea6864ee', NULL, NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (3, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job efd38072212084d7b62632a1b9341f41', NULL, '6466884dcb28ece2a4ae5d4d18838e7382b7295ad994f174347d7fad5255ec4d', NULL, 'b1582dc20cac8c61d3d945985578b75e3722c45ff3605601faf9ca0d9857e3ff', NULL, NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (4, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job 20b08c4ed451fb4e72563df398f814db', NULL, '3d838e786699cc84f4f66bb8cc48a4dcaf93630f6f6763d87497bb3e402dcacf', NULL, '1ae05ee3aa0d8419ff5991f81750e1cccff36103568c3620101d840178a08841', NULL, NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (5, '2026-11-22T03:30:00.000000+00:00', 'batch 2026-11-22', 'announced -> duplicate', 'job 35bf7055bc3bb3518a4f6b72799f67e7', NULL, NULL, 'feeds/today.xml: tag:quillbase', '506e7c4f39402a568c1d872baa4d13e3059134e21dc06ba4f25578581b1f9168', NULL, NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (6, '2026-11-22T03:31:00.000000+00:00', 'batch', 'queued -> running', 'job 35bf7055bc3bb3518a4f6b72799f67e7', 'ffcf5f9f47d9fbd81b580ed374add4a5f84ad451f2984530611c13d0d6cbf05e', '74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e', NULL, 'd325ffa24c477d2029d64186bfe1829a7683541ae5de3f78517ba05ab1c1ca27', '6ea8909bb5f24285818215437f4ada16', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (7, '2026-11-22T03:32:00.000000+00:00', 'batch', 'running -> in_review', 'job 35bf7055bc3bb3518a4f6b72799f67e7', '74ffba410cdcdd3b8486fb651ec55917d074010f5ec7a2efc7d5b7f6b41d693e', '0ede03ae724fe695615c5a1e937d3eaf9a334ed1191b321a041ea5768bd4ae3f', NULL, '39e2938649400801e9fe3b85a08b42ca5593d4936cd484334a59d1df273a6338', '2eb30935fb424a6b9d14f99c7ebe5cbb', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (8, '2026-11-22T03:31:00.000000+00:00', 'batch', 'queued -> running', 'job efd38072212084d7b62632a1b9341f41', '6466884dcb28ece2a4ae5d4d18838e7382b7295ad994f174347d7fad5255ec4d', '53ffa26869ffab8fe0a14b2d948d34f6d9c0d5178165640f71afdb47fd91eb74', NULL, 'e84ee8157f6896d2d1bd39da5ce1509babbaf775b91bedb1f8befbe3cc6e6e76', 'de1d43e08d0e487dbcd7b6d2b448411f', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (9, '2026-11-22T03:33:00.000000+00:00', 'batch', 'running -> failed', 'job efd38072212084d7b62632a1b9341f41', '53ffa26869ffab8fe0a14b2d948d34f6d9c0d5178165640f71afdb47fd91eb74', 'e227e275125901cf4c9285a42719c7d42f11631a66d368a87ba89d07aedf87dd', 'no answer…', '3c878369643ac8691b956cf6f8bedfb44bd0408d264b1c140cdd3c9f00f2d7ee', '1869d2e6cb2c4212a663e0d6da6ae474', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (10, '2026-11-22T03:31:00.000000+00:00', 'screen', 'queued -> held', 'job 20b08c4ed451fb4e72563df398f814db', '3d838e786699cc84f4f66bb8cc48a4dcaf93630f6f6763d87497bb3e402dcacf', 'f3df8ace1cad83b8a02d7448429d95a932a5fb5dab0369b610c40be9e6333b5a', 'it addresses the reviewers', '6bee1ef12362bf5b4c64e1747168d65323b4b2c772c7ef7a99e8e94a91cdace2', '1173dceba7ab4098aacbde454f6cc540', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (11, '2026-11-22T03:34:00.000000+00:00', 'editor', 'held -> queued', 'job 20b08c4ed451fb4e72563df398f814db', 'f3df8ace1cad83b8a02d7448429d95a932a5fb5dab0369b610c40be9e6333b5a', '5f33850eb94a065e3e6a3133d762cd5ba8328afeea6186111c59b7488dbd9898', 'read', 'd54152107a625199ea5638fa3e2aed6a86d569b2c460af96a72581ce8a41c19f', '84a2ca1289d74b8db729b37de661b4c9', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (12, '2026-11-22T03:35:00.000000+00:00', 'batch 2026-11-22', 'announced -> queued', 'job 02e82ff783aca14a8b254e159c20d33b', NULL, '0d69180ab2ba0411f880055d57e215ff9e66cc05033fab0d5fb1c0281a43edd6', 'revises 35bf7055bc3bb3518a4f6b72799f67e7', '47a845deb1eb064dab2bcf1a6c12905295abf440ed682ff8c5a6276d4a2131fa', NULL, NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (13, '2026-11-22T03:36:00.000000+00:00', 'batch', 'posted 2 requests', 'openai b_1', NULL, 'c8d39f2af9c1b8c0cb3645b844a09a38d72e987cbd7593c3ad8cc76a134283ea', NULL, '68788b958dd2a0a924533995fb4a9286f68f899f002190ba0cd33e49737aadb6', NULL, NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (14, '2026-11-23T08:00:00.000000+00:00', 'Duty editor', 'edit', 'tool quillbase', NULL, 'b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6', 'Read beside the text.', '3d0f29049730a7ad6dc05c8cc2cfa4bf1279adb02bba59a29e2cae2c1f485d3f', '6f48767fd5954d31a5644c9bc4c2740b', '{"kind":"edit","subject":{"day":"2026-11-22","run":"quillbase-0a1b2c3d","tool":"quillbase","name":"Quillbase"},"editor":"Duty editor","reason":"Read beside the text.","at":"2026-11-23T08:00:00Z","grounds":{"run":"b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6","text":"748c39192600d75df58921704d2ec083f41aa768dc4b1be193d0bbdc4c1fa1e2","versions":{"shipskip":"0.1.0"}},"changes":[],"verdict":null,"answers":{},"read":["builder.take.4"],"undoes":null,"from_list":false}');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (15, '2026-11-23T08:00:00.000000+00:00', 'Duty editor', 'approve', 'tool quillbase', NULL, 'b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6', 'Read beside the text.', 'de9921c7d804d2b92efc9727b6f64056f568074a7c1ed69c61688c860650f400', '8be07897b86246f1bc85522682a3caa8', '{"kind":"approve","subject":{"day":"2026-11-22","run":"quillbase-0a1b2c3d","tool":"quillbase","name":"Quillbase"},"editor":"Duty editor","reason":"Read beside the text.","at":"2026-11-23T08:00:00Z","grounds":{"run":"b10a8bfdb2642a376a59a125c597d58081039b2e229ce0b3b0b2461377c004e6","text":"748c39192600d75df58921704d2ec083f41aa768dc4b1be193d0bbdc4c1fa1e2","versions":{"shipskip":"0.1.0"}},"changes":[],"verdict":null,"answers":{},"read":[],"undoes":null,"from_list":false}');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (16, '2026-11-22T10:10:00.000000+00:00', 'site build', 'built', 'site', NULL, 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', NULL, 'c8cf09a981416eb4f4912220bc2e31c1bb44724d9416d2cc69f39e447b051497', '92cb380341594b939928cd6628d58df2', '{"at":"2026-11-22T10:10:00Z","digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","upto":15}');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (17, '2026-11-22T10:11:00.000000+00:00', 'predictions', 'take_claims', 'predictions', NULL, NULL, NULL, 'c3d3987a77824e1067291b116333ffdd03c8d88b45fe5ead7c957c8a78d4fc80', '3c1171357dcd41058422b40061972a3f', '{"runs":["2026-11-22/quillbase-0a1b2c3d"],"claims":[{"id":"quillbase-0a1b2c3d.builder","tool":"quillbase","name":"Quillbase","reviewer":"builder","made":"2026-11-22","claim":"A hosted plan appears.","by":"2027-06-30","probability":0.6}]}');
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (18, '2026-11-22T04:30:00.000000+00:00', 'batch 2026-11-22', 'ended', 'batch 2026-11-22', '6bbcc18b373f27d5175cfbd56f6a358ff568884d28377edec7eb1a7d73f2b3c1', '7b146159cd6effaf7a70ebde58ee91486fbf949d56eb223fc8bbb09f485d4bc7', 'exit 3', '46f11b9d4f15d9e0ffa361dc5b544fc2219624ceccccfc7885f2675f9bad2385', 'ed07fdca757448aea0782252113ac357', NULL);
INSERT INTO public.journal (number, at, actor, action, object, before, after, reason, chain, ticket, document) VALUES (19, '2026-11-22T03:31:00.000000+00:00', 'watch', 'page_changed', 'page quillbase', NULL, NULL, NULL, '664d7065c844c6ced5c05f80c47e4502c5b6e7679ebecfe98eacf6ea61987693', '171dd9322fd047239b6db1799a32b915', '{"tool":"quillbase","name":"Quillbase","day":"2026-11-22","run":"r-1","url":"https://tools.example/quillbase","at":"2026-11-22T03:31:00Z","job":"jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj","difference":{"prices":{"changed":[],"new":[],"gone":[]},"terms":[],"votes":[],"verdict":null,"text":{"new":["It costs $10."],"gone":["It costs $8 — “now”."],"left_out":0}}}');
INSERT INTO public.journal_head (id, number, chain) VALUES (1, 19, '664d7065c844c6ced5c05f80c47e4502c5b6e7679ebecfe98eacf6ea61987693');
INSERT INTO public.ledger_version (id, version) VALUES (1, 3);
INSERT INTO public.origins (origin, job) VALUES ('0f6eb3e23a74eeeaa227045f270e306c', 'efd38072212084d7b62632a1b9341f41');
INSERT INTO public.origins (origin, job) VALUES ('a5e6713b61c5ce9d73cde745dbd3a74e', 'efd38072212084d7b62632a1b9341f41');
INSERT INTO public.origins (origin, job) VALUES ('6ab8dcfeca48999c757b21feaff7e9c7', '20b08c4ed451fb4e72563df398f814db');
INSERT INTO public.origins (origin, job) VALUES ('64f296aa9bbd28e0ea755966fa998f5a', '20b08c4ed451fb4e72563df398f814db');
INSERT INTO public.origins (origin, job) VALUES ('c3f4f9dbe30932ac127c04b1e29e5166', '02e82ff783aca14a8b254e159c20d33b');
INSERT INTO public.origins (origin, job) VALUES ('914db2f7921d64aa3e042e443ec53a3d', '02e82ff783aca14a8b254e159c20d33b');
INSERT INTO public.posted (provider, id, model, request_keys, at, closed) VALUES ('openai', 'b_1', 'gpt-test', 'k1
k2', '2026-11-22T03:36:00.000000+00:00', NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 0, '2026-11-22T03:32:00.000000+00:00', 'persona_0', 'gpt-test', 'ship', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 1, '2026-11-22T03:32:00.000000+00:00', 'persona_1', 'gpt-test', 'ship', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 2, '2026-11-22T03:32:00.000000+00:00', 'persona_2', 'gpt-test', 'skip', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('35bf7055bc3bb3518a4f6b72799f67e7', 3, '2026-11-22T03:32:00.000000+00:00', 'persona_3', 'gpt-test', NULL, NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('efd38072212084d7b62632a1b9341f41', 0, '2026-11-22T03:33:00.000000+00:00', 'persona_0', 'gpt-test', 'ship', 7.1);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('efd38072212084d7b62632a1b9341f41', 1, '2026-11-22T03:33:00.000000+00:00', 'persona_1', 'gpt-test', NULL, NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('efd38072212084d7b62632a1b9341f41', 2, '2026-11-22T03:33:00.000000+00:00', 'persona_2', 'gpt-test', NULL, NULL);
INSERT INTO public.voices (job, "position", at, persona, model, verdict, score) VALUES ('efd38072212084d7b62632a1b9341f41', 3, '2026-11-22T03:33:00.000000+00:00', 'persona_3', 'gpt-test', NULL, NULL);
INSERT INTO public.watched_pages (tool, decided, name, day, run, url, etag, last_modified, checked, answer, why, text) VALUES ('b-tool', 9, 'Quillbase', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.watched_pages (tool, decided, name, day, run, url, etag, last_modified, checked, answer, why, text) VALUES ('quillbase', 7, 'Quillbase', '2026-11-22', 'r-1', 'https://tools.example/quillbase', '"a"', 'today', '2026-11-22T03:31:00.000000+00:00', 'changed', NULL, 'It costs $10.
It runs at home.');
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
ALTER TABLE ONLY public.watched_pages
    ADD CONSTRAINT pk_watched_pages PRIMARY KEY (tool);
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
CREATE INDEX ix_journal_documents_by_number ON public.journal USING btree (number) WHERE (document IS NOT NULL);
CREATE INDEX ix_journal_documents_by_object_number ON public.journal USING btree (object, number) WHERE (document IS NOT NULL);
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
