"""Surveys in the chat: one question after the other. What an anonymous one is answered with is kept nowhere but in its counts:
not in what the web chat shows again, and never repeated in what is said back."""

from bot.consultation.questions import SCALE
from bot.delivery.message import Button
from bot.errors import HelpdeskError
from bot.handlers import presenting
from bot.handlers.conversation import Conversation, NotForThisStep
from bot.handlers.personal_link import offer
from bot.handlers.turn import Turn
from bot.surveys.errors import AnsweredBefore
from bot.surveys.surveys import questions_of
from storage.surveys import SurveyRow

TEXT = "survey_text"
PURPOSE = "survey"
_OPTION_SHOWN = 30


async def on_list(turn: Turn) -> None:
    found = await turn.services.surveys.open_for(turn.uow, turn.account.contact_id)
    if not found:
        turn.say("survey.none", buttons=[presenting.menu_button(turn)])
    else:
        labelled = [(row.title(turn.language), f"sv:{row.id}") for row in found]
        turn.say("survey.list", buttons=[*presenting.choices(turn, labelled), presenting.menu_button(turn)])
    turn.outcome = "listed"


async def on_start(turn: Turn) -> None:
    """`sv:<survey>`: the first question that is not behind them."""
    row, answered = await turn.services.surveys.where(turn.uow, turn.id_in_action(0), turn.account.contact_id)
    promise = "survey.promise_anonymous" if row.anonymous else "survey.promise_named"
    _ask(turn, row, answered, lead=turn.words(promise) if answered == 0 else "")


def _ask(turn: Turn, row: SurveyRow, answered: int, *, lead: str = "") -> None:
    questions = questions_of(row)
    if answered >= len(questions):
        thanks = turn.words("survey.thanks", title=row.title(turn.language))
        turn.say_text(f"{lead}\n\n{thanks}".strip(), buttons=[presenting.menu_button(turn)])
        turn.outcome = "answered_survey"
        return
    question = questions[answered]
    place = {"place": question.seq, "count": len(questions)}
    lines = [lead, turn.words("survey.question", **place, text=question.text(turn.language))]
    buttons: list[list[Button]] = []
    if question.kind == "choice":
        options = [question.option(number, turn.language) for number in range(1, len(question.options) + 1)]
        lines += [f"{number}. {option}" for number, option in enumerate(options, 1) if len(option) > _OPTION_SHOWN]
        labelled = [(f"{number}. {text}", f"sv_a:{row.id}:{question.seq}:{number}") for number, text in enumerate(options, 1)]
        buttons = presenting.choices(turn, labelled)
    elif question.kind == "scale":
        lines.append(turn.words("survey.scale"))
        buttons = [[Button(str(each), f"sv_a:{row.id}:{question.seq}:{each}") for each in range(1, SCALE + 1)]]
    else:
        lines.append(turn.words("survey.write"))
        turn.remember(TEXT, survey=row.id, question=question.seq)
    buttons.append([_skip(turn, row.id, question.seq)])
    own_words = question.kind not in ("choice", "scale")
    turn.say_text("\n\n".join(line for line in lines if line), buttons=buttons, beside=own_words)
    turn.outcome = "asked_what"


async def on_answer(turn: Turn) -> None:
    """`sv_a:<survey>:<question>:<value>`, `-` to pass the question over."""
    survey, question = turn.id_in_action(0), turn.id_in_action(1) or 0
    value = turn.action_arguments[2] if len(turn.action_arguments) > 2 else "0"
    await _count(turn, survey, question, "" if value == "-" else value or "0")


async def on_text(turn: Turn) -> None:
    survey, question = turn.memory.get("survey"), turn.memory.get("question")
    if not isinstance(survey, int) or not isinstance(question, int) or not (turn.incoming.files or turn.text.strip()):
        raise NotForThisStep
    turn.seal()
    if turn.incoming.files:  # with what stands below it, it would become a question under the person's name
        turn.remember(TEXT, survey=survey, question=question)
        turn.say("survey.words_only", buttons=[[_skip(turn, survey, question)]], beside=True)
        turn.outcome = "refused"
        return
    try:
        await _count(turn, survey, question, turn.text)
    except HelpdeskError as error:
        # Said here, and not by the pipeline: that would begin the turn anew and keep what the person wrote.
        turn.remember(TEXT, survey=survey, question=question)
        turn.explain(error, buttons=[[_skip(turn, survey, question)]], beside=True)


def _skip(turn: Turn, survey: int, question: int) -> Button:
    return turn.button("survey.button.skip", f"sv_a:{survey}:{question}:-")


async def _count(turn: Turn, survey: int | None, question: int, value: str) -> None:
    surveys, contact = turn.services.surveys, turn.account.contact_id
    try:
        await surveys.answer(turn.uow, survey, contact, question=question, value=value)
    except AnsweredBefore as error:
        row, answered = await surveys.where(turn.uow, survey, contact)
        turn.forget()
        _ask(turn, row, answered, lead=turn.words(f"error.{error.code}"))
        return
    turn.forget()
    row, answered = await surveys.where(turn.uow, survey, contact)
    _ask(turn, row, answered)


async def on_web(turn: Turn) -> None:
    row, _ = await turn.services.surveys.where(turn.uow, turn.id_in_action(0), turn.account.contact_id)
    offer(turn, PURPOSE, row.id, "survey.web", title=row.title(turn.language))


CONVERSATION = Conversation(
    commands={"surveys": on_list},
    phrases=dict.fromkeys(("khao sat", "tra loi khao sat", "surveys", "survey"), on_list),
    actions={"sv": on_start, "sv_a": on_answer, "sv_web": on_web},
    steps={TEXT: on_text},
    unkept=frozenset({TEXT}),
)
