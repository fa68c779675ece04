"""The house style of figures: the same bytes each time, readable by everyone, marked, and no global state."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest

from exrx.report import CLEARANCES, TRACKS
from exrx.report.plots import style

CAPTION = style.Caption("krop-og-kraeft", "2026.1", "2026-11-26", 2000, mark="synthetic", notes=("a & b < 5",))


def paint(figure):
    axes = figure.subplots()
    axes.bar([0, 1], [1500, 2500], color=style.BLUE, hatch=style.HATCH)
    style.label_axes(axes, x=("Gruppe", ""), y=("Tid", "min"))
    style.count_axis(axes.yaxis, "da")


def picture(**changed):
    return style.draw(
        paint,
        **{"name": "bars", "title": "Bars", "alt": 'two "bars" <high>', "caption": CAPTION, "lang": "da"} | changed,
    )


def test_the_same_figure_is_the_same_bytes_whatever_the_users_matplotlibrc_says():
    """No time, no random id and no setting of the user's reaches a file."""
    import matplotlib as mpl

    first = picture()
    with mpl.rc_context({"font.size": 20, "axes.grid": False, "svg.fonttype": "path", "svg.hashsalt": "x"}):
        again = picture()
        assert again == first
        assert again.png == first.png
    assert b"Software" not in first.png
    assert "Created with" not in first.svg


def test_a_figure_leaves_no_state_behind():
    """No pyplot is imported, and the settings of the user's own figures are as before."""
    script = (
        "import sys, matplotlib; state = lambda: {key: matplotlib.rcParams._get(key) for key in matplotlib.rcParams}\n"
        "before = state(); sys.path.insert(0, 'tests/plots')\n"
        "from test_plots_style import picture; picture().png\n"
        "assert 'matplotlib.pyplot' not in sys.modules; assert state() == before; print('clean')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "clean\n", done.stderr


def test_an_svg_can_share_a_page_and_is_read_aloud():
    """It is one well-formed element with its description, and every id and reference starts with the name."""
    root = ET.fromstring(picture().svg)
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'two "bars" <high>'
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert ids
    assert all(name.startswith("bars-") for name in ids)
    used = [value[1:] for each in root.iter() for key, value in each.attrib.items() if key.endswith("href")]
    assert set(used) <= set(ids)


def test_every_figure_says_what_it_rests_on():
    """Mark, protocol, day, n and notes stand in the file as text; numbers follow the language."""
    text = " ".join(ET.fromstring(picture().svg).itertext())
    for said in ("SYNTETISKE PATIENTER", "krop-og-kraeft 2026.1", "26. nov. 2026", "n = 2.000", "a & b < 5", "[min]"):
        assert said in text
    assert "2.100" in text
    assert style.Caption("p", "", "", "1,2", mark="").text("en") == "p · n = 1,2"


@pytest.mark.parametrize("bad", ["", "Bars", "a b", 'x"'])
def test_a_name_that_cannot_be_an_id_is_refused(bad):
    """Names reach ids and files, so nothing else than letters, digits and hyphens gets through."""
    with pytest.raises(ValueError, match="small letters"):
        picture(name=bad)


# Machado, Oliveira and Fernandes 2009, severity 1: what each kind of colour blindness leaves of linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(colour, kind):
    """CIE L*a*b* (D65) of a hex colour as seen with one kind of colour blindness."""
    srgb = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(BLINDNESS[kind]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    ratio = xyz / [0.95047, 1.0, 1.08883]
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("colours", [style.CLEARANCE_COLOURS, style.TRACK_COLOURS], ids=["clearance", "track"])
def test_no_two_colours_look_alike_to_a_colour_blind_reader(kind, colours):
    """Any two clearances, and any two tracks, stay at least 10 apart (CIE 1976); 2 is just noticeable."""
    apart = {
        (one, other): np.linalg.norm(lab(colours[one], kind) - lab(colours[other], kind))
        for one, other in combinations(colours, 2)
    }
    assert min(apart.values()) >= 10, min(apart, key=apart.get)


def test_each_clearance_and_track_has_its_colour():
    """The tables of colours hold exactly the answers that the engine gives, in its order."""
    assert tuple(style.CLEARANCE_COLOURS) == CLEARANCES
    assert tuple(style.TRACK_COLOURS) == TRACKS


@pytest.mark.parametrize("colour", [*style.CLEARANCE_COLOURS.values(), *style.TRACK_COLOURS.values(), style.PALE])
def test_text_on_a_colour_is_readable(colour):
    """Contrast of at least 4.5 (WCAG AA), or it is the better of black and white."""

    def luminance(hexed):
        srgb = np.array([int(hexed[place : place + 2], 16) / 255 for place in (1, 3, 5)])
        return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    high, low = sorted([luminance(colour), luminance(style.text_on(colour))], reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5
