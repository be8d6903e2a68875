"""Consultations: a draft is walked through article by article, commented on, and the position handed in as a whole."""

from bot.consultation.draft_text import articles, below
from bot.consultation.errors import ColleagueWasQuicker, UnitUnknown
from bot.consultation.questions import SCALE, shown
from bot.consultation.responding import Response, grouped
from bot.consultation.taking_part import Standing, Voice, is_open
from bot.delivery.message import Button
from bot.handlers import presenting
from bot.handlers.conversation import Conversation, NotForThisStep
from bot.handlers.personal_link import offer
from bot.handlers.turn import TEXT_SHOWN, Turn
from storage.consultations import QuestionRow, UnitRow

COMMENT = "consultation_comment"
ANSWER = "consultation_answer"
PURPOSE = "consultation"
_ARTICLE_SHOWN = 2800
_CLAUSE_SHOWN = 2400
_SUMMARY_SHOWN = 1500
_LISTED = 8
_OPINIONS_SHOWN = 12
_CLAUSES_IN_A_ROW = 3
_OPTION_SHOWN = 60

Rows = list[list[Button]]


def voice(turn: Turn) -> Voice:
    account = turn.account
    return Voice(
        account.contact_id,
        account.name,
        account.channel,
        account.enterprise_id,
        account.enterprise_name or "",
        account.tax_code,
        account.is_member,
    )


async def _look(turn: Turn) -> Standing:
    return await turn.services.taking_part.look(turn.uow, turn.id_in_action(0), voice(turn))


# What there is


async def on_list(turn: Turn) -> None:
    """What this person is asked about now."""
    found = await turn.services.taking_part.open_for(turn.uow, voice(turn))
    if not found:
        page = f"{turn.services.base_url}/consultations"
        turn.say("consultation.none", page=page, buttons=[presenting.menu_button(turn)])
    else:
        lines = "\n\n".join(
            turn.words("consultation.line", number=row.number, title=row.title(turn.language), due=row.closes_at)
            for row in found
        )
        labelled = [(row.title(turn.language), f"cs:{row.id}") for row in found]
        rows = [*presenting.choices(turn, labelled), presenting.menu_button(turn)]
        turn.say("consultation.list", lines=lines, buttons=rows)
    turn.outcome = "listed"


async def on_open(turn: Turn) -> None:
    """What one of them is about, where this person stands with it, and what they can do."""
    found = await _look(turn)
    row, words = found.whole.row, turn.words
    if not is_open(row, turn.now):
        await _closed(turn, found)
        return
    parts = [
        words("consultation.head", number=row.number, title=row.title(turn.language), issuer=row.issuer, due=row.closes_at),
        presenting.shortened_text(row.summary(turn.language), _SUMMARY_SHOWN),
        _where(turn, found),
    ]
    first = articles(found.whole.units)
    buttons: Rows = [[turn.button("consultation.button.read", f"cs_art:{row.id}:0", count=len(first))]]
    if found.whole.questions:
        asked = turn.button("consultation.button.questions", f"cs_q:{row.id}:1", count=len(found.whole.questions))
        buttons.append([asked])
    buttons.append([turn.button("consultation.button.general", f"cs_c:{row.id}:0")])
    buttons.append([turn.button("consultation.button.web", f"cs_web:{row.id}")])
    buttons.append([turn.button("consultation.button.review", f"cs_rev:{row.id}"), *presenting.menu_button(turn)])
    turn.say_text("\n\n".join(part for part in parts if part), buttons=buttons, deadline=row.closes_at)
    turn.outcome = "shown"


def _where(turn: Turn, found: Standing) -> str:
    """Say what stands for the enterprise, and whether something has not been handed in."""
    lines = []
    if found.standing is not None:
        said = {"who": found.standing.contact_name, "at": found.standing.submitted_at, "version": found.standing.version}
        lines.append(turn.words("consultation.stands", **said))
    if found.draft is not None:
        lines.append(turn.words("consultation.unsent", opinions=len(found.opinions), answers=len(found.answers)))
    return "\n".join(lines)


async def _closed(turn: Turn, found: Standing) -> None:
    row = found.whole.row
    key = "consultation.published" if row.published_at is not None else "consultation.closed"
    page = f"{turn.services.base_url}/consultations/{row.number}"
    buttons = [[turn.button("consultation.button.own_outcome", f"cs_out:{row.id}")]] if row.published_at else []
    title = row.title(turn.language)
    turn.say(key, number=row.number, title=title, page=page, buttons=[*buttons, presenting.menu_button(turn)])
    turn.outcome = "shown"


# Article by article


async def on_article(turn: Turn) -> None:
    """`cs_art:<consultation>:<place>`: an article with its clauses, and what can be said of each."""
    found = await _look(turn)
    walk, place = articles(found.whole.units), turn.id_in_action(1) or 0
    if not walk:
        raise UnitUnknown
    place = min(place, len(walk) - 1)
    row, article = found.whole.row, walk[place]
    clauses = below(found.whole.units, article.seq)
    text = "\n\n".join(part for part in (article.text, *(_clause(article, each) for each in clauses)) if part)
    if len(text) > _ARTICLE_SHOWN:
        text = turn.words("consultation.long_article", text=presenting.shortened_text(text, _ARTICLE_SHOWN))
    head = turn.words("consultation.article", heading=_heading(article), place=place + 1, count=len(walk))
    own = [each for each in found.opinions if each.unit in {article.seq, *(clause.seq for clause in clauses)}]
    mine = turn.words("consultation.commented_here", count=len(own)) if own else ""
    buttons: Rows = [[turn.button("consultation.button.comment", f"cs_c:{row.id}:{article.seq}", place=article.place)]]
    labels = [
        turn.button("consultation.button.comment", f"cs_c:{row.id}:{each.seq}", place=_below(article, each)) for each in clauses
    ]
    buttons += [labels[start : start + _CLAUSES_IN_A_ROW] for start in range(0, len(labels), _CLAUSES_IN_A_ROW)][:10]
    step = []
    if place > 0:
        step.append(turn.button("consultation.button.previous", f"cs_art:{row.id}:{place - 1}"))
    if place + 1 < len(walk):
        step.append(turn.button("consultation.button.next", f"cs_art:{row.id}:{place + 1}"))
    buttons.append(step)
    overview = turn.button("consultation.button.contents", f"cs_list:{row.id}:{place // _LISTED}")
    buttons.append([overview, turn.button("consultation.button.review", f"cs_rev:{row.id}")])
    turn.say_text("\n\n".join(part for part in (head, text, mine) if part), buttons=buttons)
    turn.outcome = "shown"


def _heading(unit: UnitRow) -> str:
    return f"{unit.place}. {unit.title}" if unit.title else unit.place


def _below(article: UnitRow, unit: UnitRow) -> str:
    return unit.place.removeprefix(article.place).strip(" ,") or unit.place


def _clause(article: UnitRow, unit: UnitRow) -> str:
    name = _below(article, unit)
    name = name[:1].upper() + name[1:]
    return f"{name}. {unit.text}" if unit.text else name


async def on_contents(turn: Turn) -> None:
    """`cs_list:<consultation>:<page>`: the articles by their titles."""
    found = await _look(turn)
    walk, page = articles(found.whole.units), turn.id_in_action(1) or 0
    start = min(page, max(0, (len(walk) - 1) // _LISTED)) * _LISTED
    row = found.whole.row
    labelled = [
        (_heading(each), f"cs_art:{row.id}:{start + place}") for place, each in enumerate(walk[start : start + _LISTED])
    ]
    step = []
    if start:
        step.append(turn.button("consultation.button.previous", f"cs_list:{row.id}:{start // _LISTED - 1}"))
    if start + _LISTED < len(walk):
        step.append(turn.button("consultation.button.next", f"cs_list:{row.id}:{start // _LISTED + 1}"))
    buttons = [*presenting.choices(turn, labelled), step, [turn.button("consultation.button.back", f"cs:{row.id}")]]
    turn.say("consultation.contents", title=row.title(turn.language), count=len(walk), buttons=buttons)
    turn.outcome = "listed"


# Commenting


async def on_comment_button(turn: Turn) -> None:
    """`cs_c:<consultation>:<unit>`, 0 for the draft as a whole: the next text is the comment."""
    found = await _look(turn)
    row, seq = found.whole.row, turn.id_in_action(1)
    if not is_open(row, turn.now):
        await _closed(turn, found)
        return
    unit = found.whole.unit(seq) if seq else None
    if seq and unit is None:
        raise UnitUnknown
    turn.remember(COMMENT, consultation=row.id, unit=unit.seq if unit else 0)
    cancel = [turn.button("consultation.button.back", f"cs:{row.id}")]
    if unit is None:
        turn.say("consultation.say_general", title=row.title(turn.language), buttons=[cancel])
    else:
        text = "\n".join([unit.text, *(_clause(unit, each) for each in below(found.whole.units, unit.seq))]).strip()
        said = presenting.shortened_text(text, _CLAUSE_SHOWN)
        turn.say("consultation.say_here", heading=_heading(unit), text=said, buttons=[cancel])
    turn.outcome = "asked_what"


async def on_comment(turn: Turn) -> None:
    """The text of a comment."""
    consultation, unit = turn.memory.get("consultation"), turn.memory.get("unit") or None
    if not isinstance(consultation, int):
        raise NotForThisStep
    if not turn.text.strip():
        turn.say("consultation.only_text", buttons=[[turn.button("consultation.button.back", f"cs:{consultation}")]])
        return
    taking_part = turn.services.taking_part
    await taking_part.comment(turn.uow, consultation, voice(turn), unit=unit, text=turn.text)
    turn.forget()
    whole = (await taking_part.look(turn.uow, consultation, voice(turn))).whole
    on = whole.unit(unit)
    place = on.place if on else turn.words("consultation.whole_draft")
    buttons: Rows = [[turn.button("consultation.button.more", f"cs_c:{consultation}:{unit or 0}")]]
    if on is not None:
        walk = articles(whole.units)
        here = max(index for index, each in enumerate(walk) if each.seq <= on.seq)
        if here + 1 < len(walk):
            buttons[0].append(turn.button("consultation.button.next", f"cs_art:{consultation}:{here + 1}"))
    buttons.append([turn.button("consultation.button.review", f"cs_rev:{consultation}")])
    note = turn.words("consultation.files_not_taken") if turn.incoming.files else ""
    said = turn.words("consultation.comment_kept", place=place)
    turn.say_text(f"{said}\n\n{note}".strip(), buttons=buttons)
    turn.outcome = "commented"


# Questions


async def on_question(turn: Turn) -> None:
    """`cs_q:<consultation>:<number>`"""
    found = await _look(turn)
    row, number = found.whole.row, turn.id_in_action(1) or 1
    if not is_open(row, turn.now):
        await _closed(turn, found)
        return
    question = next((each for each in found.whole.questions if each.seq == number), None)
    if question is None:
        await _review(turn, found)
        return
    _ask(turn, found, question)


def _ask(turn: Turn, found: Standing, question: QuestionRow) -> None:
    row, count = found.whole.row, len(found.whole.questions)
    lines = [turn.words("consultation.question", place=question.seq, count=count, text=question.text(turn.language))]
    if (value := found.answers.get(question.seq)) is not None:
        lines.append(turn.words("consultation.answered", answer=shown(question, value, turn.language)))
    buttons: Rows = []
    if question.kind == "choice":
        options = [question.option(number, turn.language) for number in range(1, len(question.options) + 1)]
        lines += [f"{number}. {option}" for number, option in enumerate(options, 1) if len(option) > _OPTION_SHOWN // 2]
        labelled = [
            (f"{number}. {option}", f"cs_a:{row.id}:{question.seq}:{number}") for number, option in enumerate(options, 1)
        ]
        buttons = presenting.choices(turn, labelled)
    elif question.kind == "scale":
        lines.append(turn.words("consultation.scale"))
        buttons = [[Button(str(each), f"cs_a:{row.id}:{question.seq}:{each}") for each in range(1, SCALE + 1)]]
    else:
        lines.append(turn.words("consultation.write_answer"))
        turn.remember(ANSWER, consultation=row.id, question=question.seq)
    step = [turn.button("consultation.button.back", f"cs:{row.id}")]
    if question.seq < count:
        step.append(turn.button("consultation.button.next_question", f"cs_q:{row.id}:{question.seq + 1}"))
    else:
        step.append(turn.button("consultation.button.review", f"cs_rev:{row.id}"))
    turn.say_text("\n\n".join(lines), buttons=[*buttons, step], beside=question.kind not in ("choice", "scale"))
    turn.outcome = "asked_what"


async def on_choice(turn: Turn) -> None:
    """`cs_a:<consultation>:<question>:<value>`"""
    consultation, question = turn.id_in_action(0) or 0, turn.id_in_action(1) or 0
    value = turn.action_arguments[2] if len(turn.action_arguments) > 2 else ""
    await _answer(turn, consultation, question, value or "0")


async def on_answer(turn: Turn) -> None:
    """The text that answers a question."""
    consultation, question = turn.memory.get("consultation"), turn.memory.get("question")
    if not isinstance(consultation, int) or not isinstance(question, int) or not turn.text.strip():
        raise NotForThisStep
    await _answer(turn, consultation, question, turn.text)


async def _answer(turn: Turn, consultation: int, question: int, value: str) -> None:
    """Keep the answer, then put the next question, or show everything after the last one."""
    await turn.services.taking_part.answer(turn.uow, consultation, voice(turn), question=question, value=value)
    turn.forget()
    found = await turn.services.taking_part.look(turn.uow, consultation, voice(turn))
    following = next((each for each in found.whole.questions if each.seq > question), None)
    if following is not None:
        _ask(turn, found, following)
    else:
        await _review(turn, found)


# Handing in


async def on_review(turn: Turn) -> None:
    """Everything that was written, with what can be taken back, before it is handed in."""
    await _review(turn, await _look(turn))


async def _review(turn: Turn, found: Standing) -> None:
    row, words = found.whole.row, turn.words
    if not is_open(row, turn.now):
        await _closed(turn, found)
        return
    parts, buttons = [words("consultation.review", title=row.title(turn.language))], Rows()
    for place, opinion in enumerate(found.opinions[:_OPINIONS_SHOWN]):
        unit = found.whole.unit(opinion.unit)
        where = unit.place if unit else words("consultation.whole_draft")
        parts.append(f"{place + 1}. {where}: {presenting.shortened(opinion.text, 180)}")
    if len(found.opinions) > _OPINIONS_SHOWN:
        parts.append(words("consultation.more_opinions", count=len(found.opinions) - _OPINIONS_SHOWN))
    for question in found.whole.questions:
        if question.seq in found.answers:
            answer = presenting.shortened(shown(question, found.answers[question.seq], turn.language), 120)
            parts.append(f"{presenting.shortened(question.text(turn.language), 120)} – {answer}")
    if not found.opinions and not found.answers:
        parts.append(words("consultation.nothing_yet"))
    parts.append(_where(turn, found))
    if found.draft is not None and (found.opinions or found.answers):
        buttons.append([turn.button("consultation.button.send", f"cs_send:{row.id}")])
    drops = [
        turn.button("consultation.button.drop", f"cs_del:{row.id}:{place}", number=place + 1)
        for place in range(min(len(found.opinions), _OPINIONS_SHOWN))
    ]
    buttons += [drops[start : start + 4] for start in range(0, len(drops), 4)]
    buttons.append([turn.button("consultation.button.back", f"cs:{row.id}")])
    turn.say_text("\n\n".join(part for part in parts if part), buttons=buttons, deadline=row.closes_at)
    turn.outcome = "shown"


async def on_drop(turn: Turn) -> None:
    """`cs_del:<consultation>:<place>`"""
    consultation, place = turn.id_in_action(0) or 0, turn.id_in_action(1)
    await turn.services.taking_part.take_back(turn.uow, consultation, voice(turn), place=-1 if place is None else place)
    await _review(turn, await _look(turn))


async def on_send(turn: Turn) -> None:
    """Hand it in. Where a colleague was quicker, ask which shall stand."""
    try:
        await _hand_in(turn, over_colleague=False)
    except ColleagueWasQuicker as error:
        consultation = turn.id_in_action(0) or 0
        buttons = [
            [turn.button("consultation.button.over", f"cs_over:{consultation}")],
            [turn.button("consultation.button.anew", f"cs_anew:{consultation}")],
        ]
        turn.explain(error, buttons=buttons)


async def on_send_over(turn: Turn) -> None:
    await _hand_in(turn, over_colleague=True)


async def _hand_in(turn: Turn, *, over_colleague: bool) -> None:
    consultation, who = turn.id_in_action(0) or 0, voice(turn)
    taking_part = turn.services.taking_part
    version = await taking_part.hand_in(turn.uow, consultation, who, over_colleague=over_colleague)
    found = await taking_part.look(turn.uow, consultation, who)
    row = found.whole.row
    turn.say(
        "consultation.handed_in",
        title=row.title(turn.language),
        enterprise=who.enterprise_name or who.name,
        opinions=len(found.opinions),
        answers=len(found.answers),
        version=version,
        due=row.closes_at,
        buttons=[[turn.button("consultation.button.change", f"cs:{row.id}")], presenting.menu_button(turn)],
    )
    turn.outcome = "handed_in"


async def on_anew(turn: Turn) -> None:
    """Go on with what the colleague handed in."""
    await turn.services.taking_part.start_over(turn.uow, turn.id_in_action(0) or 0, voice(turn))
    await _review(turn, await _look(turn))


# The page, and the outcome


async def on_web(turn: Turn) -> None:
    found = await _look(turn)
    offer(turn, PURPOSE, found.whole.row.id, "consultation.web", title=found.whole.row.title(turn.language))


async def on_outcome(turn: Turn) -> None:
    """What became of the comments of this person's enterprise."""
    found = await _look(turn)
    row = found.whole.row
    if row.published_at is None:
        await _closed(turn, found)
        return
    standing = found.standing.id if found.standing else 0
    page = turn.words("consultation.all_of_it", page=f"{turn.services.base_url}/consultations/{row.number}")
    parts = [turn.words("consultation.own_outcome", title=row.title(turn.language))]
    for answered in await grouped(turn.uow, row.id):
        for each in answered.voices:
            if each.opinion.position_id != standing:
                continue
            unit = found.whole.unit(each.opinion.unit)
            part = turn.words(
                "consultation.outcome_of_one",
                place=unit.place if unit else turn.words("consultation.whole_draft"),
                comment=presenting.shortened(each.opinion.text, 300),
                response=turn.words(f"consultation.response.{answered.group.response or Response.PARTLY}"),
                reason=presenting.shortened(answered.group.reason, 800),
            )
            if sum(map(len, parts)) + len(part) + len(page) < TEXT_SHOWN - 200:
                parts.append(part)
    turn.say_text("\n\n".join([*parts, page]), buttons=[presenting.menu_button(turn)])
    turn.outcome = "shown"


CONVERSATION = Conversation(
    commands={"consultations": on_list},
    phrases=dict.fromkeys(
        (
            "lay y kien",
            "gop y",
            "gop y du thao",
            "gop y chinh sach",
            "lay y kien du thao",
            "du thao dang lay y kien",
            "consultations",
            "open consultations",
        ),
        on_list,
    ),
    actions={
        "consultations": on_list,
        "cs": on_open,
        "cs_art": on_article,
        "cs_list": on_contents,
        "cs_c": on_comment_button,
        "cs_q": on_question,
        "cs_a": on_choice,
        "cs_rev": on_review,
        "cs_del": on_drop,
        "cs_send": on_send,
        "cs_over": on_send_over,
        "cs_anew": on_anew,
        "cs_web": on_web,
        "cs_out": on_outcome,
    },
    steps={COMMENT: on_comment, ANSWER: on_answer},
    menu={"consultations": 25},
)
