"""`python -m bench [webhook | search | public | sweep | deadlines | campaign | kills | all]`: what it costs, beside others."""

import argparse
import subprocess
import sys
from pathlib import Path

ALL = ("webhook", "search", "sweep", "deadlines")


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    kinds = options.add_subparsers(dest="kind")
    webhook = kinds.add_parser("webhook", help="the whole webhook path beside a bare echo (the default)")
    webhook.add_argument("--rounds", type=int, default=3)
    webhook.add_argument("--seconds", type=float, default=3.0, help="how long each measurement takes")
    webhook.add_argument("--connections", type=int, default=40)
    webhook.add_argument("--database", default="", help="an empty database to use instead of SQLite")
    search = kinds.add_parser(
        "search", help="looking up in the shipped entries and in many more, beside BM25 and the embedding"
    )
    search.add_argument("--entries", type=int, default=10_000)
    search.add_argument("--passages", type=int, default=100_000)
    search.add_argument("--questions", type=int, default=200)
    search.add_argument("--paraphrases", type=int, default=12, help="of a made-up entry; the shipped ones have more")
    public = kinds.add_parser("public", help="a published Vietnamese question set: ours beside BM25 and the embedding alone")
    public.add_argument("set", type=Path, help="a file of SQuAD's form (XQuAD, ViQuAD) or a folder of BEIR's")
    public.add_argument("--questions", type=int, default=400, help="so many are asked, drawn always the same")
    public.add_argument("--without-embedding", action="store_true")
    sweep = kinds.add_parser("sweep", help="finding 50 due among many open inquiries, on SQLite and PostgreSQL")
    sweep.add_argument("--open", type=int, nargs="+", default=[10_000, 1_000_000], help="how many inquiries are open")
    sweep.add_argument("--times", type=int, default=7)
    deadlines = kinds.add_parser("deadlines", help="inquiries that fall due while two processes are killed and started again")
    deadlines.add_argument("--inquiries", type=int, default=1000)
    deadlines.add_argument("--deadline", type=int, default=20, help="seconds within which each must be routed")
    campaign = kinds.add_parser("campaign", help="a campaign to many, with the platform's limits on and off")
    campaign.add_argument("--recipients", type=int, default=100_000, help="with the limits on; 0 leaves this part out")
    campaign.add_argument("--rate", type=float, default=1000, help="messages a second that the platform takes")
    campaign.add_argument("--free", type=int, default=20_000, help="without limits; 0 leaves this part out")
    campaign.add_argument("--rounds", type=int, default=3)
    killed = kinds.add_parser("kills", help="a campaign whose process is killed again and again while the platform fails")
    killed.add_argument("--recipients", type=int, default=10_000)
    killed.add_argument("--kills", type=int, default=200)
    killed.add_argument("--seed", type=int, default=7)
    kinds.add_parser("all", help="each of them, one after the other, as it stands by default (some minutes)")
    given = options.parse_args(
        sys.argv[1:] if sys.argv[1:2] and not sys.argv[1].startswith("--") else ["webhook", *sys.argv[1:]]
    )
    if given.kind == "all":
        results = [subprocess.run([sys.executable, "-m", "bench", each], check=False).returncode for each in ALL]
        return max(results)
    if given.kind == "search":
        from bench import search as searching

        print(searching.told(searching.run(searching.Plan(given.entries, given.passages, given.questions, given.paraphrases))))
        return 0
    if given.kind == "public":
        from bench import public as publicly
        from bench import published

        try:
            found = published.read(given.set)
        except (published.SetUnread, OSError) as error:
            print(error, file=sys.stderr)
            return 2
        print(publicly.told(publicly.run(found, given.questions, with_embedding=not given.without_embedding)))
        return 0
    if given.kind == "sweep":
        from bench import sweep as sweeping

        print(sweeping.told(sweeping.run(given.open, given.times)))
        return 0
    if given.kind == "deadlines":
        from bench import deadlines as falling_due

        return falling_due.run(given.inquiries, given.deadline)
    if given.kind == "campaign":
        from bench import campaign as campaigning

        sent = campaigning.run(campaigning.Plan(given.recipients, given.rate, given.free, given.rounds))
        print(campaigning.told(sent))
        return 0 if campaigning.held(sent) else 1
    if given.kind == "kills":
        from bench import kills

        survived = kills.run(kills.Plan(given.recipients, given.kills, seed=given.seed))
        print(kills.told(survived))
        return 0 if survived.held else 1
    from bench import webhook as whole_path

    plan = whole_path.Plan(given.rounds, given.seconds, given.database, given.connections)
    report = whole_path.run(plan)
    print(whole_path.told(report))
    return 0 if report.lost == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
