"""A signal is found where a text says it of the tool, and not where a word denies it."""

import pytest

from panel.checklist.matcher import SignalMatcher
from panel.checklist.prose import read_prose
from panel.checklist.signals import Signal, load_signals

pytestmark = pytest.mark.no_cover

SIGNALS = load_signals()
MATCHER = SignalMatcher(SIGNALS)
DENIALS = ("no", "not", "never", "without")


def found(text: str, name: str = "Quillbase") -> set[str]:
    return set(MATCHER.find(read_prose(f"name: {name}\n\n{text}")))


def examples(signal: Signal) -> list[str]:
    """Return a text for each phrase of a signal."""
    paired = signal.pair.words if signal.pair else ()
    return [example(phrase) for phrase in (*signal.words, *paired)]


def example(phrase: str) -> str:
    """Return a text that has a phrase: the first of its words, "the" for a gap."""
    places = {
        "...": "the", "{be}": "is", "{price}": "$5", "{number}": "40", "{date}": "1 May",
        "{coin}": "$GLM",
    }  # fmt: skip
    return " ".join(places.get(piece, piece.split("/")[0]) for piece in phrase.split()).strip()


@pytest.mark.parametrize("signal", SIGNALS.signals, ids=lambda signal: signal.name)
def test_each_phrase_of_a_signal_is_found(signal: Signal) -> None:
    more = f"\n\n{example(signal.pair.beside[0])}." if signal.pair else ""
    for words in examples(signal):
        texts = (words, f"It is {words}.", f"{words}.", f"Quillbase {words}.", f"We {words}.")
        assert any(signal.name in found(text + more) for text in texts), words


@pytest.mark.parametrize("signal", SIGNALS.signals, ids=lambda signal: signal.name)
def test_a_denied_phrase_of_a_signal_does_not_count(signal: Signal) -> None:
    for words in examples(signal):
        for denial in DENIALS:
            if words.split()[0] == denial:
                continue  # "no no export" is no English
            for text in (
                f"It is {denial} {words}.",
                f"{denial.capitalize()} {words}.",
                f"There is {denial} {words} here, and it is a tool.",
                f"Quillbase keeps notes, {denial} {words}.",
            ):
                assert signal.name not in found(text), text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("training", "No training on customer data."),
        ("training", "Your data is never used to train our models."),
        ("training", "Training on customer data is not done."),
        ("training", "A chatbot trained on your documents."),
        ("binding", "There is no lock-in."),
        ("binding", "Without ads, tracking or lock-in."),
        ("binding", "Without ads and lock-in."),
        ("binding", "It prevents vendor lock-in."),
        ("binding", "Lock-in is not an issue."),
        ("binding", "The days of lock-in are over."),
        ("binding", "Does it lock you in?"),
        ("wide_access", "It needs no access to your mail."),
        ("gate", "No waitlist."),
        ("wrapper", "It is not a wrapper around ChatGPT."),
        ("coin", "It counts tokens and costs $2 per 1M tokens."),
        ("coin", "No token, no coin, no presale."),
        ("praise", "It is no revolution."),
        ("export", "An export to CSV is planned."),
        ("interface", "There is no API."),
        ("interface", "An API is not available."),
        ("interface", "We plan to publish an API."),
        ("interface", "If you need an API, wait."),
        ("open_licence", "It is no longer open source."),
        ("price", "Other tools charge $30 a month."),
        ("interface", "You need an API key of your own."),
        ("interface", "Each text is passed on to the OpenAI API."),
        ("purpose", "Compared with a dry run on a copy, it is quick."),
        ("purpose", "Jaybird, which we compared it with, found fewer."),
        ("occasion", "Version 4 came out last week."),
        ("limits", "You get a list of what is wrong with your query."),
        ("occasion", "Every trial is over."),
        ("occasion", "It costs 12 euros per seat each month."),
        ("occasion", "50 minutes are free each month."),
        ("purpose", "The time to an answer fell from 50 to 31 minutes."),
        ("own_machines", "It runs on our own servers in Leipzig."),
    ],
)
def test_what_is_denied_promised_asked_or_said_of_others_does_not_count(
    name: str, text: str
) -> None:
    assert name not in found(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("training", "We train our models on your data."),
        ("training", "You grant us a perpetual licence to your pictures."),
        ("binding", "No API, but vendor lock-in."),
        ("binding", "It is not cheap; there is lock-in."),
        ("binding", "There are no refunds."),
        ("price", "It does not support MySQL and costs $9 a month."),
        ("price", "No account, no tracking. It is $9 a month."),
        ("open_licence", "It is not only open source but small."),
        ("interface", "The API does not need a key."),
        ("own_machines", "Files never leave your machine."),
        ("limits", "It does not support MySQL."),
        ("coin", "Stake 500 QLM tokens to join."),
        ("wrapper", "Powered by GPT-4."),
        ("praise", "The world's first truly sentient brain."),
        ("gate", "Request access today."),
        ("open_price", "Pricing on request."),
        ("interface", "You need an API key of your own for its API."),
        ("interface", "It has an OpenAI-compatible API."),
        ("interface", "It keeps notes with an API, and noted dates."),
        ("price", "Notes cost $9 a month."),
        ("purpose", "Compare a draft with the final text."),
        ("comparison", "Compared with a dry run on a copy, it is quick."),
        ("occasion", "It reads what changed since the last run."),
        ("limits", "It is wrong on negations."),
        ("occasion", "It sends an alert each time a disk is over 90 percent."),
    ],
)
def test_what_is_said_counts(name: str, text: str) -> None:
    assert name in found(text)


WATCHING = "You see their messages and where they are."


@pytest.mark.parametrize(
    "text",
    [
        f"The icon hides itself. {WATCHING}",
        f"{WATCHING} They will not be bothered by a notification.",
        f"Install it while they are asleep. {WATCHING}",
        "It sits quietly on the laptops of your staff and reads their private chats.",
        f"{WATCHING} They get no notification.",
        f"{WATCHING} She will not know.",
    ],
)
def test_watching_people_who_are_not_to_notice_is_covert(text: str) -> None:
    assert "covert" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        WATCHING,
        "The icon hides itself.",
        f"{WATCHING} The icon is never hidden, and they are told.",
        "It finds apps that hide their icon and read their messages.",
        "It runs quietly in the background and reads your messages.",
        "You see your customers' messages and where their parcels are. It never sends one itself.",
        f"{WATCHING} You may leave with no notice.",
        f"{WATCHING} It runs quietly in the background, and no notification is sent at night.",
        "Parents watch their child on the camera while they are asleep.",
        f"{WATCHING} Where you do not know an answer, ask a colleague.",
        "Both see the same screen, and nothing is recorded without both having said yes.",
    ],
)
def test_watching_openly_or_hiding_alone_is_not_covert(text: str) -> None:
    assert "covert" not in found(text)


def unclear(text: str) -> set[str]:
    return set(MATCHER.find_unclear(read_prose(f"name: Quillbase\n\n{text}")))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("price", "| Plan | |\n|---|---|\n| Team | $12 per seat |"),
        ("price", "| Plan | Price per month |\n|---|---|\n| Team | $12 |"),
        ("price", "It is yours for 12 dollars."),
        ("start", "```sh\npip install quillbase\n```"),
        ("open_licence", "[![License: MIT](https://x.example/mit.svg)](LICENSE)"),
        ("figures", "It mends 871 answers."),
        ("open_licence", "It is small. MIT."),
        ("free_start", "| Plan | Price |\n|---|---|\n| Hobby | free |"),
    ],
)
def test_what_stands_in_a_table_in_code_or_as_a_trace_is_unclear(name: str, text: str) -> None:
    assert name not in found(text)
    assert name in unclear(text)


def test_words_of_a_sentence_that_denies_them_are_not_unclear() -> None:
    assert unclear("It has no API and is not free. It is neither MIT nor GPL.") == set()


DISCONTINUED = """
Quillbase was discontinued in May 2025.
It's been discontinued since June.
This project is archived.
This repository was archived by its owner on 3 March 2026. It is now read-only.
Quillbase shut down in March 2026.
We are shutting down Quillbase on 1 May 2027.
The service will be shut down on 31 March 2027.
We have shut down the service.
Quillbase has reached end of life.
DISCONTINUED
[ARCHIVED] Quillbase keeps notes.
Note: this package is deprecated.
DEPRECATED – use another one.
Development of Quillbase has ended.
This repo is no longer actively maintained.
There will be no further releases.
As of May 2026, Quillbase is discontinued.
In 2025 it was retired.
Quillbase, which was discontinued in 2024, kept notes in plain files.
Quillbase, discontinued in 2024, kept notes in plain files.
Quillbase was loved by many and has been discontinued.
The company has ceased operations.
We are sunsetting Quillbase.
After six years we have decided to discontinue Quillbase.
Sadly, the app has been taken offline.
The Quillbase service was shut down on 1 June.
Quillbase was discontinued after the sale.
"""
ALIVE = """
We never shut down your server.
Archived projects can be searched.
It searches archived projects.
It is not discontinued.
There are no plans to discontinue Quillbase.
Unlike Foo, which was discontinued in 2024, it is alive.
It replaces the discontinued Foo.
Quillbase is a fork of Foo, which was archived in 2023.
Quillbase shuts down idle servers.
It shuts down after ten idle minutes.
The server can be shut down at any time.
If we ever shut down, the code is published.
Should we shut down, the code becomes public.
Trackmed tells patients when a drug is discontinued.
It warns you when a package is deprecated.
Your old chats are archived after 30 days.
When a job fails, it is archived.
Each project is archived after a year.
The free plan was discontinued in May.
Support for Python 3.8 was discontinued.
Old models are retired after a year.
Is Quillbase discontinued?
Quillbase will never be shut down without a year's notice.
Our competitor Foo was shut down in 2024.
It is no longer available for Windows 7.
Telemetry is turned off by default.
The platform is closed and proprietary.
Windows 10 reached end of life, and Quillbase still runs on it.
The company shut down its Berlin office in May.
It works offline.
Quillbase shuts down on demand.
The app will shut down after the job.
"""


@pytest.mark.parametrize("text", DISCONTINUED.strip().splitlines())
def test_a_tool_that_has_come_to_an_end_is_told(text: str) -> None:
    assert "discontinued" in found(text)


@pytest.mark.parametrize("text", ALIVE.strip().splitlines())
def test_an_end_of_something_else_is_not_the_tools(text: str) -> None:
    assert "discontinued" not in found(text)


def test_a_notice_stands_at_the_head_and_further_down_is_a_heading_of_a_change_log() -> None:
    changes = "# Quillbase\n\nOne. Two. Three. Four. Five.\n\n## Deprecated\n\nThe old flag."
    assert "discontinued" not in found(changes)
    assert "discontinued" in found("# Quillbase\n\n## Deprecated\n\nUse another one.")
    assert "discontinued" in found(f"{changes} Quillbase is deprecated.")


def test_a_tool_without_a_name_or_with_a_common_one_is_no_trap() -> None:
    assert "discontinued" not in found("The old plan was discontinued.", "The")
    assert "discontinued" not in found("The plan was discontinued.", "$*(")
    assert "discontinued" in found("The New Pen has been discontinued.", "The New Pen")


HARMFUL = """
It posts fake reviews for your shop.
It sells followers and likes.
It secretly records every call.
It records calls without their consent.
Read your employees' messages without their knowledge.
It tracks your partner's phone without them knowing.
It impersonates your boss on the phone.
The bot poses as a human, and customers never know that it is a bot.
It hides that it is an AI.
Clone anyone's voice from ten seconds of audio.
There is no consent check.
It slips past spam filters.
It solves captchas for your bots.
It generates fake invoices and receipts.
Guaranteed 12% a month.
Spy on your spouse with one app.
Nobody on the line can tell that it is a machine.
They will never find out.
"""
HARMLESS = """
It detects fake reviews.
It flags fake reviews before they are posted.
We do not write fake reviews.
It never records anyone without their consent.
Nothing is recorded without your consent.
It stops scams that impersonate your bank.
It catches bots that pose as humans.
The bot never pretends to be human.
It refuses to clone a voice without consent.
Clone any voice with its owner's consent.
It generates fake invoices for tests of your OCR.
Support staff can impersonate a user.
It spies on calls of a function.
It hides bot accounts from your feed.
It works without cookies, so you need no consent banner.
It sends suspected spam to the junk folder.
Users never notice a slowdown.
It silently retries failed calls.
Does it record calls without consent?
It generates invoices.
"""


@pytest.mark.parametrize("text", HARMFUL.strip().splitlines())
def test_what_works_against_people_is_told(text: str) -> None:
    assert "harmful" in found(text)


@pytest.mark.parametrize("text", HARMLESS.strip().splitlines())
def test_what_protects_people_or_does_no_harm_is_not_called_harmful(text: str) -> None:
    assert "harmful" not in found(text)


ENDED = """
We turned the servers off in March.
The lights go out on 1 May.
We are switching our servers off at the end of June.
As of 3 August the site will be gone.
Quillbase goes dark on 30 September.
All accounts will be erased on 1 January 2027.
Your account stays open until 31 May and is then deleted.
We ran out of money and stopped in April.
The company behind it went bankrupt in May.
We will stop serving requests on 15 July.
The hosted service ends on 1 June and the code is not published.
"""
NOT_ENDED = """
Request a demo by next week.
Ask what is due by tomorrow and it lists the tasks.
Export invoices until today with one click.
Collect all tickets opened since 2024, and save them by then.
Your account is closed permanently when you delete it.
Each account is deleted for good a day after you ask.
Context switches? No more.
The service was a tool of our own team before we sold it.
Download your data before you start. Thank you for all the support.
The servers go down for ten minutes on 1 May while we move.
Our servers were down on 3 May for 40 minutes; the report is public.
We turn idle servers off at night.
It switches the lights off at sunset on each day of May.
The app goes offline in a tunnel and syncs later.
The service closes tickets that wait since March.
We turned telemetry off in March.
We moved our servers to Leipzig in March.
We closed the last of 40 bugs in May.
The beta ended in June and version 1 is out.
The trial ends after 14 days.
Early access ended on 1 May; anyone can sign up now.
Your data is deleted on the day you leave.
Accounts without a login for a year are deleted.
Export your data before you leave, at any time.
Thank you for reading. The latest release is 3.2.
The last release added tables.
It works until the battery is empty.
Accounts stay open until you close them.
Licences work until you cancel.
The account of a leaver is closed on his last day.
The store closes at 8 pm; the kiosk mode then prints a report.
It tells you which shops close in January.
It finds servers that were switched off in March.
Quillbase was a side project in 2019 and is now used by 40 firms.
Quillbase was written in a week in May.
The old site was taken down in March; the new one is faster.
The free plan ends on 1 May.
The platform ends disputes in 14 days.
The site went live in March.
The company was founded in March.
Download your report before the meeting.
Please move to the folder of the project and run make.
The repository is read-only for guests.
Comments and issues are closed automatically after a year; reopen them at any time.
The lights of the controller go out on a fault.
"""
COIN = """
Lock up 500 GLIM and your node is switched on; the longer they stay locked, the larger your share.
Hold at least 1,000 ORB to vote on the roadmap and earn a yield of 9 percent.
Users are paid in $QUIL, which is unlocked over twelve months.
Seats are NFTs minted on Base; the floor has tripled.
Deposit 50 USDC, receive KELP, and your agents answer first; holders split the fees.
Join the seed round: 0.02 per KRL, vesting over a year.
The token generation event is on 4 June.
Connect your wallet and claim your allocation of 200 MOSS.
Buy in early: the first thousand wallets get a double share of what the network earns.
Own a piece of the assistant: 10,000 passes, tradable, with a part of every fee.
Put up collateral in FERN to run a node, and lose it if you answer wrongly.
"""
NOT_COIN = """
It holds 60 FPS on a laptop.
It locks 3 CPU cores while it builds.
It stakes out 200 pegs a day.
It earns back its price in 3 months.
Buy once, own it for ever; earn points for each lesson.
It reads your wallet and lists what you owe in tax.
Each passes through 12 CSV and 3 JSON files.
Share of voice is shown for 40 brands.
It holds at most 200 SQL connections.
Shareholders vote by mail, and votes are counted openly.
$0.04 per GB, billed monthly.
Holders of a library card log in.
Unlock the door with a phone; the yield of each field is shown on a map.
It serves 2,400 tokens per second and holds a token budget per user.
Your share of the bill is shown.
It mints DOIs for data sets, $2 per DOI, and stores them in a public register.
It tracks what your coins and tokens are worth, and exports a report for the tax office.
"""
LAYER = """
Your prompt is passed on to the API and the answer is shown.
Whatever you type goes straight to GPT-4o.
Each character is a system prompt in front of Claude.
We add a nice window to Gemini.
It asks ChatGPT for you and formats the reply.
Behind the scenes it is the OpenAI API with our own style sheet.
You need an OpenAI account; we forward what you write.
A prettier ChatGPT.
All answers come from Claude, we only add the colours.
It is a set of 40 prompts for ChatGPT with a search box.
The thinking is done by GPT-5; we do the buttons.
It calls an LLM with a prompt of ours, and that is the product.
"""
NOT_LAYER = """
It wraps ffmpeg and has 900 tests.
It compares answers of GPT-4, Claude and Gemini on your own test set.
A wrapper around the SQLite C library.
The page around the map shows the legend.
The text goes to the printer.
Your message goes to the team that is on duty.
It blocks prompts that send secrets to ChatGPT.
It counts what your staff pay OpenAI and Anthropic.
An interface to the scale of a warehouse.
It measures how often Claude and Gemini quote your page.
The model runs on your own machine; no text goes to an API.
Every message is passed on to the person in charge.
"""
AGAINST_PEOPLE = """
It takes off the clothes of anybody in a picture.
It lets you listen in on the room where the phone lies, screen off.
"""
NOT_AGAINST_PEOPLE = """
Its voices sound natural. Subscribers get ten hours a month.
Design a login page that feels natural on a phone.
Let readers vote on features. The widget looks natural on any page.
Users star a project. The summaries read natural.
It shows what users type in each field. The replay looks real.
It asks for the code that you get by mail. It looks like the real thing.
Sends you each message of a ticket. Customers are not notified twice.
It tells you where your child is on the school bus. The app never notices you close it.
It detects fake reviews and profiles that look real.
It collects reviews about your shop from customers after a purchase.
It writes answers to reviews of your hotel, and you approve each.
It warns when a page looks like the login page of your bank.
Parents and children see where each other's phones are, and each is told.
It finds faces in your own photo library, on device.
It reads the voice of a narrator from text; each voice is licensed from its speaker.
It tests whether your staff fall for a mail in the name of the tax office, after they agreed.
Customers rate the service with one to five stars.
It shows where your parcels are and what couriers write.
It records what people say in a meeting after all have agreed.
You see what visitors type into the search box of your shop, without names.
The login page of your shop gets a second factor.
It blurs faces of people in a video.
It puts captions into a video.
Reviewers rate papers without knowing the authors.
It looks natural on screen and reads any page aloud.
A photo of your receipt is enough; the sum is read on the phone.
It shows parents what their child reads at school, and the child sees the same page.
It reviews code on your pull requests, and nobody waits.
"""
IN_OTHER_WORDS = (
    (ENDED, NOT_ENDED, {"discontinued", "ending"}),
    (COIN, NOT_COIN, {"coin"}),
    (LAYER, NOT_LAYER, {"wrapper"}),
    (AGAINST_PEOPLE, NOT_AGAINST_PEOPLE, {"harmful", "covert"}),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [(text, names) for texts, _, names in IN_OTHER_WORDS for text in texts.strip().splitlines()],
)
def test_a_weak_tool_is_told_by_what_it_says_in_other_words(text: str, names: set[str]) -> None:
    assert found(text) & names


@pytest.mark.parametrize(
    ("text", "names"),
    [(text, names) for _, texts, names in IN_OTHER_WORDS for text in texts.strip().splitlines()],
)
def test_words_that_are_near_to_those_of_a_weak_tool_say_nothing_of_it(
    text: str, names: set[str]
) -> None:
    assert not found(text) & names


@pytest.mark.parametrize(
    "text",
    [
        "Download your report before you leave.",
        "Save your work before the meeting.",
        "Nobody else can read it.",
        "There are no new settings to learn.",
        "It does not look at issues that are closed.",
        "Nothing is sent to us.",
        "Logins are refused after five tries.",
        "Files can be fetched until they expire.",
        "It ends with the last day of the employee and closes the ticket on Friday.",
        "The lights go out at eleven; the server keeps running.",
        "Servers are switched off at the end of the week, and start again on Monday.",
    ],
)
def test_a_deadline_or_a_refusal_of_the_tools_own_is_no_end(text: str) -> None:
    assert "ending" not in found(text)


def test_a_pair_counts_in_neighbouring_sentences_and_not_further_apart() -> None:
    icon = "The icon is hidden."
    assert "covert" in found(f"{icon} {WATCHING}")
    assert "covert" not in found(f"{icon} It costs $4. {WATCHING}")


def test_a_heading_names_what_is_for_a_tool_but_nothing_against_it() -> None:
    assert "limits" in found("## Limitations\n\nIt is a tool.")
    assert "binding" not in found("## Vendor lock-in\n\nIt is a tool.")
    assert "discontinued" in found("# Discontinued\n\nIt was a tool.")


def test_a_match_has_its_sentence_and_words() -> None:
    text = "name: Quillbase\n\nIt is a tool. It costs $9 per seat."
    match = MATCHER.find(read_prose(text))["price"]
    assert match.words == "$9 per"
    assert match.sentence.text == "It costs $9 per seat."
    assert match.sentence.text[match.start :] == "$9 per seat."
