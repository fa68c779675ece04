"""An attacker who has nothing but the JSON of a report sets up its equations anew and does not find a small number."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array
from test_overview import options, screened

from exrx.report import CLEARANCES, TRACKS
from exrx.study.overview.overview import cohort_overview, count_overview

TRAINED = [(clearance, track) for clearance in ("clear", "modify") for track in ("group", "individual", "supervised")]
OUTCOMES = [*TRAINED, *((clearance, "none") for clearance in ("assess", "consult", "defer", "stop", "emergency"))]


class Attacker:
    """Whole people in unknown cells; every equation that a reader of the report can write down."""

    def __init__(self, content):
        self.content, self.size, self.equations = content, 0, []
        self.everybody = self.new(len(OUTCOMES))
        self.tables = {name: self.table(table) for name, table in content["tables"].items()}
        self.row(content["all"], self.everybody, content["patients"])
        self.flow()
        self.missing()
        self.monitoring()
        self.target()
        self.attendance()
        self.equity()
        matrix = lil_array((len(self.equations), self.size))
        for place, (plus, minus, _) in enumerate(self.equations):
            for cells, sign in ((plus, 1), (minus, -1)):
                for cell in cells:
                    matrix[place, cell] += sign
        values = [value for *_, value in self.equations]
        self.rule = LinearConstraint(matrix.tocsr(), values, values)

    def new(self, count):
        self.size += count
        return list(range(self.size - count, self.size))

    def knows(self, cells, value):
        if value is not None:
            self.equations.append((cells, [], value))

    def same(self, cells, others):
        self.equations.append((cells, others, 0))

    def row(self, row, cells, n):
        self.knows(cells, n)
        for part, keys, which in (("clearance", CLEARANCES, 0), ("track", TRACKS, 1)):
            for key in keys:
                self.knows([c for c, each in zip(cells, OUTCOMES, strict=True) if each[which] == key], row[part][key])

    def table(self, table):
        rows = [self.new(len(OUTCOMES)) for _ in table["rows"]]
        for row, cells in zip(table["rows"], rows, strict=True):
            self.row(row, cells, row["n"])
        for place, whole in enumerate(self.everybody):
            self.same([cells[place] for cells in rows], [whole])
        return rows

    def flow(self):
        flow, trained = self.content["flow"], self.everybody[:6]
        self.knows(trained, flow["may_train"])
        self.knows(trained[:3], flow["clear"])
        self.knows(trained[3:], flow["modify"])
        for place, key in enumerate(("group", "individual", "supervised")):
            self.knows([trained[place], trained[place + 3]], flow["tracks"][key])
        for place, step in enumerate(reversed(flow["leaving"])):
            self.knows([self.everybody[6 + place]], step["n"])
            for reason in step["reasons"]:
                yes, no = self.new(2)
                self.same([yes, no], [self.everybody[6 + place]])
                self.knows([yes], reason["n"])

    def missing(self):
        found = self.content["missing"]
        parts = [fact["alone"] for fact in found["facts"]]
        parts += [found[key] for key in ("others_alone", "several", "unnamed")]
        cells = self.new(len(parts))
        self.same(cells, [self.everybody[6]])
        for cell, value in zip(cells, parts, strict=True):
            self.knows([cell], value)
        for fact in found["facts"]:
            yes, no = self.new(2)
            self.same([yes, no], [cells[-2]])
            self.knows([yes], fact["together"])

    def monitoring(self):
        for item in self.content["monitoring"]:
            if item["collected"] and item["item"] in ("referral_route", "n_referred"):
                cells = self.new(len(item["answers"]) + 1)
                self.same(cells, self.everybody)
                self.knows(cells[:-1], item["n"])
                self.knows(cells[-1:], item["missing"])
                for cell, answer in zip(cells, item["answers"], strict=False):
                    self.knows([cell], answer["n"])
            elif item["collected"] and item["item"] in self.tables:
                rows = self.tables[item["item"]]
                self.knows([cell for row in rows[:-1] for cell in row], item["n"])
                self.knows(rows[-1], item["missing"])
            else:
                continue
            for place, row in zip(item.get("places", ()), self.tables["region"], strict=False):
                there, gone = self.new(2)
                self.same([there, gone], row)
                self.knows([there], place["n"])
                self.knows([gone], place["missing"])

    def target(self):
        weeks = self.content["target"]["weeks"]
        cells = [self.new(6) for _ in range(len(weeks) + 1)]
        for place in range(6):
            self.same([row[place] for row in cells], [self.everybody[place]])
        for number, week in enumerate(weeks, start=1):
            past = [cell for row in cells[:number] for cell in row]
            self.knows(past, week["all"])
            for place, key in enumerate(("group", "individual", "supervised")):
                self.knows([row[at] for row in cells[:number] for at in (place, place + 3)], week.get(key))

    def attendance(self):
        found = self.content["attendance"]
        cells = self.bands = [self.new(len(OUTCOMES)) for _ in found["bands"]]
        for place, whole in enumerate(self.everybody):
            self.same([row[place] for row in cells], [whole])
        for row, band in zip(cells, found["bands"], strict=True):
            self.knows(row, band["n"])
        self.knows([cell for row in cells[1:-1] for cell in row[:6]], found["trained"])
        self.knows(cells[0][:6], found["not_trained"])
        self.knows(cells[-1][:6], found["no_log"])

    def equity(self):
        """Each group's people by step of the course: none, some and most of the sessions, no log; referred or not."""
        none, *held, no_log = self.bands
        attendance = [none, [*held[0], *held[1]], [*held[2], *held[3]], no_log]
        referral = [[cell] for cell in self.new(4)]
        self.same([cell for each in referral for cell in each], self.everybody)
        item = next(item for item in self.content["monitoring"] if item["item"] == "referred_of_need_pct")
        for cells, answer in zip(referral, item["answers"], strict=False):
            self.knows(cells, answer["n"])
        self.knows([*referral[0], *referral[1]], item["n"])
        self.knows(referral[2], item["missing"])
        parts = {"attended": ((1, 2), (0,), (3,)), "attended_most": ((2,), (0, 1), (3,)),
                 "referred_of_need": ((0,), (1,), (2,))}  # fmt: skip
        self.groups = {}
        for name, group in self.content["equity"]["groups"].items():
            steps = {each["indicator"]: each["rows"] for each in group["indicators"]}
            for of, whole in (("attended", attendance), ("referred_of_need", referral)):
                cells = [self.new(4) for _ in self.tables[name]]
                self.groups[name, of] = cells
                for row, outcomes in zip(cells, self.tables[name], strict=True):
                    self.same(row, outcomes)
                for place, total in enumerate(whole):
                    self.same([row[place] for row in cells], total)
                places = {row["key"]: place for place, row in enumerate(self.content["tables"][name]["rows"])}
                for step in ("attended", "attended_most") if of == "attended" else (of,):
                    yes, no, missing = parts[step]
                    for row in steps[step]:
                        mine = [cells[places[row["key"]]]]
                        others = [cells[places[each["key"]]] for each in steps[step] if each is not row]
                        self.knows([mine[0][place] for place in missing], row["missing"])
                        for rows, found in ((mine, row), (others, row.get("others", {"n": None, "yes": None}))):
                            self.knows([each[place] for each in rows for place in (*yes, *no)], found["n"])
                            self.knows([each[place] for each in rows for place in yes], found["yes"])

    def ends(self, cells):
        wanted = np.zeros(self.size)
        wanted[cells] = 1
        ends = [milp(sign * wanted, constraints=self.rule, bounds=Bounds(0, np.inf), integrality=np.ones(self.size))
                for sign in (1, -1)]  # fmt: skip
        return round(ends[0].fun), round(-ends[1].fun)


@pytest.mark.parametrize(("people", "limit"), [(70, 5), (250, 7)])
def test_nothing_small_follows_from_the_numbers_of_a_report(people, limit):
    """Of a sample of the small numbers of its tables, 0 and the limit stay possible to whoever solves the equations."""
    decisions = screened(people, seed=people)
    content = cohort_overview(decisions, smallest=limit, **options(decisions))
    attacker = Attacker(content)
    ledger, open_ = count_overview(decisions, limit, **options(decisions))
    small = []
    for name, table in open_["tables"].items():
        shown = [row["key"] for row in content["tables"][name]["rows"]]
        for row in table["rows"]:
            cells = attacker.tables[name][shown.index(row["key"])]
            for clearance, slot in row["clearance"].items():
                if 0 < ledger.sheet.numbers[slot.number].value < limit:
                    small.append([cell for cell, each in zip(cells, OUTCOMES, strict=True) if each[0] == clearance])
    assert len(small) > 30
    gaps = []
    for name, group in open_["equity"]["groups"].items():
        rows = {each["indicator"]: each["rows"] for each in group["indicators"]}["attended"]
        keys = [row["key"] for row in content["tables"][name]["rows"]]
        for row in rows:
            if 0 < ledger.sheet.numbers[row["missing"].number].value < limit:
                gaps.append(attacker.groups[name, "attended"][keys.index(row["key"])][3:])
            if 0 < ledger.sheet.numbers[row["yes"].number].value < limit:
                gaps.append(attacker.groups[name, "attended"][keys.index(row["key"])][1:3])
    assert gaps or people > 70
    small += gaps
    for cells in gaps[:4]:
        low, high = attacker.ends(cells)
        assert (low, high >= limit) == (0, True)
    for place in np.random.default_rng(people).choice(len(small), 4, replace=False).tolist():
        low, high = attacker.ends(small[place])
        assert low == 0
        assert high >= limit


def test_the_attacker_is_able_to_find_what_is_not_protected():
    """Given one hidden total back, some small number follows: the attack above can succeed, so its failure counts."""
    decisions = screened(70, seed=70)
    extra = options(decisions)
    ledger, open_ = count_overview(decisions, 5, **extra)
    content = cohort_overview(decisions, smallest=5, **extra)
    naive = cohort_overview(decisions, smallest=0, **extra)
    found = 0
    for name, table in open_["tables"].items():
        keys = [[row["key"] for row in each["tables"][name]["rows"]] for each in (open_, content, naive)]
        if keys[0] != keys[1] or keys[0] != keys[2]:
            continue
        for row, full in zip(table["rows"], naive["tables"][name]["rows"], strict=True):
            values = {key: ledger.sheet.numbers[slot.number].value for key, slot in row["clearance"].items()}
            small = [key for key, value in values.items() if 0 < value < 5]
            if len(small) == 1:  # hiding this one alone, as a careless report would: the row's total gives it back
                content["tables"][name]["rows"][table["rows"].index(row)] = {
                    **full, "clearance": {**full["clearance"], small[0]: None}, "track": dict.fromkeys(TRACKS),
                }  # fmt: skip
                cells = Attacker(content).tables[name][table["rows"].index(row)]
                place = [cell for cell, each in zip(cells, OUTCOMES, strict=True) if each[0] == small[0]]
                assert Attacker(content).ends(place) == (values[small[0]], values[small[0]])
                found += 1
                break
        if found:
            break
    assert found
