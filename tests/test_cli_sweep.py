"""`exrx sweep` writes a folder that says what it rests on, and refuses what cannot be varied."""

from __future__ import annotations

import hashlib
import json

import pytest

from exrx.cli.main import main

pq = pytest.importorskip("pyarrow.parquet")
CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", "2026-11-23"]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("sweep") / "cohort.parquet"
    main(["cohort", "synth", "--patients", "500", "--seed", "4", "--as-of", "2026-11-23", "--out", str(path)])
    return str(path)


def sweep(cohort: str, out, *more: str) -> int:
    return main(["sweep", "--cohort", cohort, *CALL, "--out", str(out), *more])


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_sweep_is_told_in_eighty_columns_and_says_what_is_made_up_and_what_is_looser(cohort, tmp_path, capsys, lang):
    """In the language that was asked for; the methods paragraph always in both."""
    code = sweep(cohort, tmp_path / "out", "--no-plots", "--vary", "platelets_session_min=20:100:20", "--lang", lang)
    out = capsys.readouterr().out
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    said = {"da": ("SYNTETISKE", "friere", "ingen variant er en protokol"),
            "en": ("SYNTHETIC", "loosens", "no variant is a protocol")}  # fmt: skip
    assert all(words in out for words in said[lang])
    methods = {name: (tmp_path / "out" / f"methods.{name}.txt").read_text("utf-8") for name in ("da", "en")}
    assert "syntetiske patienter (ingen rigtige)" in methods["da"]
    assert "2 of the variants loosen the protocol" in methods["en"]


def test_the_folder_holds_tables_figures_and_a_manifest_with_their_hashes(cohort, tmp_path):
    """Every file's hash is that of its bytes, and the same call gives the same bytes."""
    vary = ["--vary", "platelets_session_min=20:100", "--vary", "leukocytes_session_min=0.5:3"]
    sobol = ["--design", "sobol", "--samples", "8"]
    assert sweep(cohort, tmp_path / "first", *vary, *sobol) == 0
    assert sweep(cohort, tmp_path / "again", *vary, *sobol, "--no-plots") == 0
    manifest, again = (
        json.loads((tmp_path / name / "manifest.json").read_text("utf-8")) for name in ("first", "again")
    )
    assert again["files"].items() <= manifest["files"].items()
    assert set(manifest["files"]) == {
        "sweep.parquet", "indices.parquet", "methods.da.txt", "methods.en.txt", "indices.png", "indices.svg",
        "tornado.png", "tornado.svg", "curve-platelets-session-min.png", "curve-platelets-session-min.svg",
        "curve-leukocytes-session-min.png", "curve-leukocytes-session-min.svg",
    }  # fmt: skip
    for name, sha256 in manifest["files"].items():
        content = (tmp_path / "first" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
    table = pq.read_table(tmp_path / "first" / "sweep.parquet")
    assert table.num_rows == (1 + 41 + 41 + 8 * 4) * 28
    assert manifest["design"]["seed"] == 2009
    assert "SYNTHETIC PATIENTS" in (tmp_path / "first" / "tornado.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ([], "nothing is varied"),
        (["--vary", "platelets_enrolment_min=20:50:5"], "changes nothing"),
        (["--vary", "platelets_session_min=20.05"], "steps of 0.1"),
        (["--vary", "platelets_session_min=20:50:5", "--design", "random"], "use one of: grid"),
        (["--vary", "platelets_session_min=20:50:5", "--seed", "-1"], "from 0 on"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_and_nothing_is_written(cohort, tmp_path, capsys, more, error):
    """Exit 2, one message that says why, and no folder."""
    assert sweep(cohort, tmp_path / "out", "--no-plots", *more) == 2
    assert error in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_hours_of_no_track_are_refused(cohort, tmp_path, capsys):
    """What is no track, or no hours, says how hours are written."""
    with pytest.raises(SystemExit):
        sweep(cohort, tmp_path / "out", "--vary", "platelets_session_min=40", "--hours", "class=2")
    assert "write group=0.25" in capsys.readouterr().err
