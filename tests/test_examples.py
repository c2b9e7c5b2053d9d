"""The examples do what they say: they parse, ask only what is accepted, and fail loudly."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import click
import pytest
import yaml

from analysis.cli import cli

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
MANUAL = ROOT / "docs/running.md"
SCRIPT = EXAMPLES / "reports.sh"
UNITS = ("analysis-reports.service", "analysis-reports.timer", "analysis-reports-failed.service")
WORKFLOW = yaml.safe_load((EXAMPLES / "reports.yml").read_text("utf-8"))
RUN = "analysis run --all --lang both --jobs 2 --timeout 900 --retries 1"
BEGINS = re.compile(r"^(?:(?:run: |ExecStart=)?\S*/)?(analysis [\w-].*)$")


def commands(path: Path) -> list[str]:
    """Give the command lines that begin with ``analysis`` in a file, without redirections."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    if path.suffix == ".md":
        blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        lines = [line.strip() for block in blocks for line in block.splitlines()]
        # Words like `analysis verify` name a command; with arguments they are one.
        named = re.findall(r"`(analysis \w+ [^`]+)`", text)
        lines += [part.replace("\n", " ") for part in named]
    found = [match[1] for line in lines if (match := BEGINS.match(line))]
    return [re.split(r"\s(?:\d?>|\|\||#|&)", command)[0].strip() for command in found]


COMMANDS = sorted({command for path in (*EXAMPLES.iterdir(), MANUAL) for command in commands(path)})


def test_commands_are_found():
    for name in ("reports.sh", "analysis-reports.service"):
        assert commands(EXAMPLES / name) == [RUN], name
    assert commands(EXAMPLES / "reports.yml") == [
        f"{RUN} --json",
        "analysis verify reports --timeout 900 --json",
    ]
    assert len(commands(MANUAL)) > 5


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_accepts_every_command(command, monkeypatch):
    monkeypatch.setattr(click.Command, "invoke", lambda self, context: None)
    cli.main(shlex.split(command)[1:], standalone_mode=False)


@pytest.mark.parametrize("command", ["analysis run --nope", "analysis nope", "analysis verify"])
def test_it_does_not_accept_any_other(command, monkeypatch):
    monkeypatch.setattr(click.Command, "invoke", lambda self, context: None)
    with pytest.raises(click.UsageError):
        cli.main(shlex.split(command)[1:], standalone_mode=False)


def test_the_manual_names_options_that_there_are():
    given = cli.commands["run"].params + cli.commands["verify"].params
    known = {option for param in given for option in param.opts}
    rows = re.findall(r"^\| (.*?) \|", MANUAL.read_text("utf-8"), re.MULTILINE)
    named = {option for row in rows for option in re.findall(r"--[a-z-]+", row)}
    assert {"--all", "--lang", "--jobs", "--force", "--timeout", "--json"} <= named <= known


def test_the_workflow_has_what_is_expected():
    # YAML reads the key `on` as true.
    assert {"schedule", "workflow_dispatch"} == set(WORKFLOW[True])
    assert WORKFLOW["concurrency"] == {"group": "reports", "cancel-in-progress": False}
    assert WORKFLOW["permissions"] == {}
    jobs = WORKFLOW["jobs"]
    assert jobs["run"]["permissions"] == {"contents": "read"}
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert jobs["tell"]["permissions"] == {"issues": "write"}
    assert all("timeout-minutes" in job for job in jobs.values())
    steps = [step for job in jobs.values() for step in job["steps"]]
    uses = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"[\w/-]+@v\d+\.\d+\.\d+", used) for used in uses), uses


def test_the_workflow_publishes_also_when_some_failed_and_then_tells():
    jobs = WORKFLOW["jobs"]
    hand_over = next(step for step in jobs["run"]["steps"] if "pages-artifact" in str(step))
    for condition in (hand_over["if"], jobs["publish"]["if"]):
        assert "code == '0'" in condition and "code == '1'" in condition
    assert jobs["tell"]["needs"] == ["run", "publish"] and "failure()" in jobs["tell"]["if"]


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_the_scripts_of_the_workflow_parse():
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    for script in (step["run"] for step in steps if "run" in step):
        done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
        assert not done.returncode, done.stderr


def test_the_wrapper_parses():
    subprocess.run(["sh", "-n", SCRIPT], check=True)
    assert os.access(SCRIPT, os.X_OK)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="no shellcheck")
def test_shellcheck_finds_nothing_in_the_wrapper():
    subprocess.run(["shellcheck", SCRIPT], check=True)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project whose ``analysis`` is a script: it says what it was asked, and ends with $CODE."""
    if not shutil.which("flock"):
        pytest.skip("no flock (util-linux)")
    (tmp_path / "bin").mkdir()
    (tmp_path / "project").mkdir()
    fake = tmp_path / "bin/analysis"
    fake.write_text(
        "#!/bin/sh\n"
        'echo "begin $*" >>"$SEEN"; echo "of a report"\n'
        'trap "exit 130" TERM\n'
        'for _ in $(seq "$TENTHS"); do sleep 0.1; done\n'
        'echo end >>"$SEEN"; exit "$CODE"\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("PROJECT", str(tmp_path / "project"))
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    monkeypatch.setenv("TENTHS", "0")
    monkeypatch.setenv("CODE", "0")
    monkeypatch.delenv("LOGS", raising=False)
    return tmp_path


def wrapper() -> subprocess.Popen:
    return subprocess.Popen([SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, ""),
        (1, "some failed"),
        (2, "nothing was run"),
        (130, "interrupted"),
        (137, "ended in no known way"),
    ],
)
def test_the_wrapper_gives_the_code_and_speaks_only_of_failures(place, monkeypatch, code, said):
    monkeypatch.setenv("CODE", str(code))
    process = wrapper()
    out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert (said in out and "of a report" in out) if said else out == ""
    (log,) = (place / "project/logs").glob("reports-*.log")
    words = log.read_text("utf-8").splitlines()
    assert words[0].endswith("begins") and words[-1].endswith(f"ends with {code}")
    assert (place / "seen").read_text("utf-8").startswith(f"begin {RUN.partition(' ')[2]}\n")


def wait_for_the_beginning(place: Path) -> None:
    end = time.monotonic() + 20
    while not (place / "seen").exists() and time.monotonic() < end:
        time.sleep(0.02)


def test_two_wrappers_do_not_overlap(place, monkeypatch):
    monkeypatch.setenv("TENTHS", "20")
    first = wrapper()
    wait_for_the_beginning(place)
    second = wrapper()
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 75 and "has not ended" in said
    assert first.communicate(timeout=30)[0] == "" and first.returncode == 0
    assert (place / "seen").read_text("utf-8").count("begin") == 1


def test_the_wrapper_passes_on_that_it_is_to_end(place, monkeypatch):
    monkeypatch.setenv("TENTHS", "100")
    process = wrapper()
    wait_for_the_beginning(place)
    time.sleep(0.2)
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130 and "interrupted" in said
    assert "end" not in (place / "seen").read_text("utf-8").splitlines()


def test_the_wrapper_keeps_the_last_fourteen_logs(place):
    logs = place / "project/logs"
    logs.mkdir()
    for day in range(1, 21):
        (logs / f"reports-2020-01-{day:02d}T03-00-00.log").touch()
    assert wrapper().wait(timeout=30) == 0
    kept = sorted(path.name for path in logs.glob("reports-*.log"))
    assert len(kept) == 14 and kept[0] == "reports-2020-01-08T03-00-00.log"


def read_unit(name: str) -> configparser.ConfigParser:
    """Read a unit; where a key stands twice the last one counts."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(EXAMPLES / name, "utf-8")
    return unit


def test_the_units_have_their_keys():
    service, timer, failed = map(read_unit, UNITS)
    assert service["Unit"]["OnFailure"] == UNITS[2]
    assert service["Service"]["Type"] == failed["Service"]["Type"] == "oneshot"
    assert service["Service"]["PrivateTmp"] == "yes"
    assert service["Service"]["SuccessExitStatus"] == "130"
    assert "reports" in service["Service"]["ReadWritePaths"]
    assert timer["Timer"]["OnCalendar"] and timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
def test_systemd_accepts_the_units(tmp_path):
    command = tmp_path / ".venv/bin/analysis"
    command.parent.mkdir(parents=True)
    command.symlink_to(shutil.which("true"))
    for name in UNITS:
        text = (EXAMPLES / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("/srv/mexico-security-analysis", str(tmp_path)))
    units = [str(tmp_path / name) for name in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    about = [line for line in done.stderr.splitlines() if "analysis-reports" in line]
    assert not done.returncode and not about, done.stderr


def test_the_crontab_names_the_wrapper():
    lines = (EXAMPLES / "crontab").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("0 3 * * * ")] == [
        '0 3 * * * "$PROJECT/examples/reports.sh"'
    ]


def test_the_readme_names_every_example():
    text = (EXAMPLES / "README.md").read_text("utf-8")
    for path in EXAMPLES.iterdir():
        assert path.name == "README.md" or f"]({path.name})" in text, path.name
