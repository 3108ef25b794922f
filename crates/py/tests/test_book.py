"""The chapters of the book do what they say: their blocks run in order and print what stands below them."""

import contextlib
import io
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from distributed import LocalCluster

import coercivity
from conftest import SPEC

BOOK = Path(__file__).parents[3] / "book" / "src"


def blocks(chapter):
    return re.findall(r"^```(\w+)\n(.*?)^```$", (BOOK / chapter).read_text(), re.MULTILINE | re.DOTALL)


def prints_what_it_shows(blocks, name):
    scope = {}
    shown = None
    for kind, text in blocks:
        if kind == "python":
            assert shown in (None, ""), f"the chapter does not show {shown!r}"
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, name, "exec"), scope)
            shown = out.getvalue()
        else:
            assert (kind, shown) == ("text", text)
            shown = None


def test_the_chapter_on_python_prints_what_it_shows():
    found = blocks("python.md")
    assert len(found) > 10
    prints_what_it_shows(found, "python.md")


# Instead of Slurm: runs at once what it is given, each task of an array.
SBATCH = r"""#!/bin/bash
set -eu
echo 1
if [ "${2-}" = --wrap ]; then exec sh -c "$3" >&2; fi
script=${!#}
array=$(sed -n 's/^#SBATCH --array=0-//p' "$script")
export SLURM_CPUS_PER_TASK=$(sed -n 's/^#SBATCH --cpus-per-task=//p' "$script")
for SLURM_ARRAY_TASK_ID in $(seq 0 "$array"); do
    export SLURM_ARRAY_TASK_ID
    bash "$script" >&2
done
"""


@pytest.fixture
def machine(tmp_path, program):
    """A folder with the spec, of as many samples as in the chapter and short, and what runs commands in it."""
    spec = SPEC.replace("steps = 6", "steps = 2").replace("samples = 24", "samples = 256")
    (tmp_path / "truce.toml").write_text(spec)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sbatch").write_text(SBATCH)
    (tmp_path / "bin" / "sbatch").chmod(0o755)
    (tmp_path / "bin" / "coercivity").symlink_to(Path(program).resolve())
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def run(*command, **env):
        env = os.environ | {"PATH": path} | env
        said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
        assert said.returncode == 0, said.stdout + said.stderr
        return said.stdout

    return tmp_path, run


def test_the_chapter_on_clusters_does_what_it_says(machine, monkeypatch):
    folder, run = machine
    found = blocks("cluster.md")
    three, slurm = [text for kind, text in found if kind == "bash"]
    (manifest,) = [text for kind, text in found if kind == "yaml"]
    # Slurm goes on from the first shards; the number of tasks is that of the shards.
    run("bash", "-euc", three)
    run("bash", "-euc", slurm)
    ensemble = coercivity.Ensemble.open(folder / "truce")
    files = ensemble.merge()["files"]
    assert (ensemble.samples, ensemble.shards) == (256, 8)

    job = yaml.safe_load(manifest)["spec"]
    assert (job["completionMode"], job["completions"]) == ("Indexed", ensemble.shards)
    shared = f"{folder}/shared"
    run("coercivity", "ensemble", "plan", "truce.toml", "--shard-size", "32", "--out", f"{shared}/truce")
    (container,) = job["template"]["spec"]["containers"]
    command = [word.replace("/shared", shared) for word in container["command"]]
    given = {env["name"]: env["value"] for env in container["env"]}
    for index in range(job["completions"]):
        run(*command, **given, JOB_COMPLETION_INDEX=str(index))
    assert coercivity.Ensemble.open(f"{shared}/truce").merge()["files"] == files

    # Dask, from nothing.
    shared = f"{folder}/dask"
    monkeypatch.chdir(folder)
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        asked = [
            (kind, text.replace("tcp://scheduler:8786", cluster.scheduler_address).replace("/shared", shared))
            for kind, text in found
            if kind in ("python", "text")
        ]
        assert len(asked) == 4
        prints_what_it_shows(asked, "cluster.md")
    assert coercivity.Ensemble.open(f"{shared}/truce").merge()["files"] == files
