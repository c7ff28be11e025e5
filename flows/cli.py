"""The command line: each command is a verb of the house, named as its module is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
import typer.exceptions

from flows import plan as plans
from flows.instruments import Instruments
from schemas.errors import BadInput, PerceptsynthError

app = typer.Typer(
    name="synth",
    help="Make verified audio-perception training data: the teacher asks, instruments answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
models_app = typer.Typer(help="List, fetch and verify model weights.", no_args_is_help=True)
export_app = typer.Typer(help="Export what was made for a trainer.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(export_app, name="export")

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home",
        envvar="SYNTH_HOME",
        help="Folder that holds shards, DuckDB file and exports.",
        file_okay=False,
    ),
]
RootOption = Annotated[
    Path | None,
    typer.Option(help="Folder with the upstream question file and its audio.", file_okay=False),
]
TeacherOption = Annotated[
    str, typer.Option(help="embedded, openai:URL or replay:FILE (a recorded reply log).")
]
ModelOption = Annotated[
    str | None, typer.Option(help="The teacher's model: a served name, or a GGUF file.")
]
NoncommercialOption = Annotated[
    bool,
    typer.Option("--noncommercial", help="Also instruments whose weights forbid commercial use."),
]
ListenerOption = Annotated[
    list[str] | None,
    typer.Option("--listener", help="An audio language model, URL#MODEL; two must agree."),
]
LimitOption = Annotated[int | None, typer.Option(min=1, help="At most so many questions.")]

DropOption = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        help="Filter that drops only if asked: text_only_solvable, difficulty_band,"
        " noncommercial_licence, unknown_licence, unbalanced_positions.",
    ),
]


@app.command()
def run(
    benchmark: Annotated[str, typer.Argument(help="sample, mmau or mmar.")],
    root: RootOption = None,
    limit: LimitOption = None,
    teacher: TeacherOption = "embedded",
    model: ModelOption = None,
    noncommercial: NoncommercialOption = False,
    listener: ListenerOption = None,
    drop: DropOption = None,
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Run the main job on a benchmark, or go on with it.

    What is done is never done again: after a kill the same command goes on where it stopped.
    """
    from flows.pipeline import pipeline
    from flows.show import summary

    outcome = pipeline(
        plans.Plan(
            benchmark=benchmark,
            root=str(root) if root else None,
            limit=limit,
            teacher=teacher,
            model=model,
            home=str(home),
            instruments=Instruments(noncommercial=noncommercial, listeners=tuple(listener or ())),
            drop=tuple(drop or ()),
        )
    )
    summary(home, outcome.run)


@app.command()
def serve(
    home: HomeOption = plans.DEFAULT_HOME,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Loopback port.")] = 4242,
) -> None:
    """Start Prefect and the runner of the deployments.

    Ctrl-C stops both. The server listens on loopback alone.
    """
    from flows import serve as serving

    serving.serve(home.resolve(), port)


@app.command()
def observe(
    manifest: Annotated[Path, typer.Argument(help="JSON lines with at least `path`.")],
    out: Annotated[Path, typer.Option(help="The Parquet file to write.")],
    noncommercial: NoncommercialOption = False,
    listener: ListenerOption = None,
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Measure recordings: no questions, no teacher.

    Writes observations and facts, and what could not be used, as one Parquet file.
    """
    from flows.observe import observe as observe_manifest

    chosen = Instruments(noncommercial=noncommercial, listeners=tuple(listener or ()))
    observe_manifest(manifest, out, home, chosen)


@app.command()
def drift(
    noncommercial: NoncommercialOption = False,
    listener: ListenerOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout.")] = False,
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Measure the home's recordings with today's instruments and list what would flip.

    Facts that no longer stand are superseded, never edited.
    """
    from flows.drift import drift as measure_again

    chosen = Instruments(noncommercial=noncommercial, listeners=tuple(listener or ()))
    measure_again(home, chosen, as_json=as_json)


@app.command()
def accuracy(
    manifest: Annotated[Path, typer.Argument(help="JSON lines with `path` and `labels`.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One line of JSON on stdout; all else on stderr.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Parquet file: every clip's reading.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="File for the table as a page.")] = None,
    noncommercial: NoncommercialOption = False,
    listener: ListenerOption = None,
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Tell how often facts are true, by labelled recordings.

    By property and tier: precision with its interval, coverage, the worst errors by clip. What
    is measured already in the home is not measured again.
    """
    from flows.accuracy import accuracy as prove

    chosen = Instruments(noncommercial=noncommercial, listeners=tuple(listener or ()))
    prove(manifest, home, chosen, out=out, markdown=markdown, as_json=as_json)


@app.command()
def evaluate(
    responses: Annotated[
        Path, typer.Argument(help="JSON lines or list: MMAU's, MMAR's or our own form.")
    ],
    root: Annotated[
        Path | None, typer.Option(help="The benchmark's question file, or its folder.")
    ] = None,
    benchmark: Annotated[str | None, typer.Option(help="Only this benchmark's questions.")] = None,
    claim_extractor: Annotated[
        str | None,
        typer.Option(help="A teacher that copies claims out of untagged text: openai:URL, ..."),
    ] = None,
    model: ModelOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for all that was found.", file_okay=False)
    ] = None,
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Judge a model's responses: answers by two rules, claims by facts.

    Accuracy by the benchmark's own rule and by ours, CAFE's rates with intervals, how claims decay
    along the reasoning, and how much the responses can teach. No judge model anywhere.
    """
    from flows.evaluate import evaluate as judge

    extractor = None
    if claim_extractor is not None:
        extractor = plans.Plan(benchmark="", home=str(home), teacher=claim_extractor, model=model)
    judge(responses, home, root=root, benchmark=benchmark, extractor=extractor, out=out)


@app.command()
def status(home: HomeOption = plans.DEFAULT_HOME) -> None:
    """Say what the home holds and what was dropped."""
    from flows import show

    show.status(home)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="SQL on the published snapshot.")],
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Ask the warehouse: a table on a terminal, CSV to a pipe."""
    from flows import show

    show.sql(home, query)


@app.command()
def trace(
    question: Annotated[str, typer.Argument(help="A question's id, its beginning, or source id.")],
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Follow one question from its recording to its trajectory."""
    from flows import show

    show.trace(home, question)


@export_app.command("huggingface")
def export_huggingface(
    out: Annotated[Path, typer.Option(help="Folder to write.", file_okay=False)],
    benchmark: Annotated[str | None, typer.Option(help="Only this benchmark's rows.")] = None,
    allow_eval: Annotated[
        list[str] | None,
        typer.Option(help="Name an evaluation benchmark to export it all the same."),
    ] = None,
    home: HomeOption = plans.DEFAULT_HOME,
) -> None:
    """Write a Hugging Face dataset with embedded audio, a card and a manifest."""
    from flows.export import export

    export("huggingface", out, home, benchmark=benchmark, allow_eval=tuple(allow_eval or ()))


@models_app.command("list")
def models_list() -> None:
    """List the models of the manifest, and which of them the cache holds."""
    from flows import show

    show.models()


@models_app.command("fetch")
def models_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Models; else the main job's.")] = None,
) -> None:
    """Fetch weights into the cache and check their hashes."""
    from flows.weights import fetch

    fetch(names or None)


@models_app.command("verify")
def models_verify(
    names: Annotated[list[str] | None, typer.Argument(help="Models; all in the cache.")] = None,
) -> None:
    """Hash the cached weights again and compare them with the manifest."""
    from flows.weights import verify

    verify(names or None)


def main() -> None:
    """Run a command; our own errors end in one clear line, wrong input in exit code 2."""
    try:
        app(prog_name="synth", standalone_mode=False)
    except typer.exceptions.TyperException as error:
        wrong = getattr(error, "format_message", error.__str__)()
        _end(f"{wrong} (`synth --help`)" if "Usage" not in wrong else wrong, 2)
    except BadInput as error:
        _end(str(error), 2)
    except ModuleNotFoundError as error:
        from synth.plugins import not_installed

        _end(not_installed(error.name or str(error)), 1)
    except PerceptsynthError as error:
        _end(str(error), 1)
    except (KeyboardInterrupt, typer.Abort):
        _end("stopped; the same command goes on from here", 130)


def _end(told: str, code: int) -> None:
    print(f"synth: {told}", file=sys.stderr)  # noqa: T201 - the one line for a person
    raise SystemExit(code)


if __name__ == "__main__":
    main()
