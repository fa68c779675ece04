"""What steering says in Danish and English: the reasons, each with its field, and the notes to a person's numbers."""

from __future__ import annotations

from exrx.training.targets import Words

WHY: dict[str, Words] = {
    "beta_blocker:yes": {
        "da": "Betablokker (on_beta_blocker): medicinen holder pulsen nede, så pulsen viser ikke, hvor hårdt det er.",
        "en": "Beta blocker (on_beta_blocker): the drug holds the pulse down, so it does not show how hard it is.",
    },
    "beta_blocker:unknown": {
        "da": "Det vides ikke, om der tages betablokker (on_beta_blocker): derfor styres der ikke efter puls.",
        "en": "It is not known whether a beta blocker is taken (on_beta_blocker): so the pulse does not steer.",
    },
    "anaemia:yes": {
        "da": "Lav blodprocent (haemoglobin): den samme puls og de samme watt er hårdere end ellers.",
        "en": "Anaemia (haemoglobin): the same pulse and the same watts are harder than otherwise.",
    },
    "anaemia:unknown": {
        "da": "Blodprocenten kendes ikke (haemoglobin): derfor styres der efter anstrengelse.",
        "en": "It is not known whether there is anaemia (haemoglobin): so exertion steers.",
    },
    "neuropathy:yes": {
        "da": "Nervepåvirkning (peripheral_neuropathy): er de nerver ramt, der styrer pulsen, kan den ikke bruges. "
        "Ikke bekræftet i en kilde.",
        "en": "Neuropathy (peripheral_neuropathy): if it reaches the nerves that steer the pulse, the pulse cannot be "
        "used. Not confirmed in a source.",
    },
    "neuropathy:unknown": {
        "da": "Det vides ikke, om der er nervepåvirkning (peripheral_neuropathy): derfor styres der ikke efter puls.",
        "en": "It is not known whether there is neuropathy (peripheral_neuropathy): so the pulse does not steer.",
    },
    "in_treatment:yes": {
        "da": "I behandling (in_initial_treatment): form og puls svinger fra dag til dag, og anstrengelsen følger med.",
        "en": "In treatment (in_initial_treatment): fitness and pulse change from day to day, and exertion follows.",
    },
    "in_treatment:unknown": {
        "da": "Det vides ikke, om behandlingen er i gang (in_initial_treatment): der styres, som om den er.",
        "en": "It is not known whether treatment is under way (in_initial_treatment): steered as if it is.",
    },
    "hr_max_measured:no": {
        "da": "Ingen målt højeste puls (hr_max_measured): et skøn ud fra alderen er for usikkert til at styre efter.",
        "en": "No measured maximal heart rate (hr_max_measured): an estimate from age is too uncertain to steer by.",
    },
    "hr_max_measured:yes": {
        "da": "Målt højeste puls (hr_max_measured), og intet kendt, der forstyrrer pulsen.",
        "en": "A measured maximal heart rate (hr_max_measured), and nothing known that disturbs the pulse.",
    },
    "peak_watts:yes": {
        "da": "Målte watt (peak_watts): belastningen på cyklen kan styres uden puls.",
        "en": "Measured watts (peak_watts): the load on the cycle can be steered without the pulse.",
    },
    "peak_watts_test:other": {
        "da": "Watt fra en anden test end konditionstest med iltmåling (peak_watts_test): de styrer ikke af sig selv.",
        "en": "Watts from another test than a CPET (peak_watts_test): they do not steer by themselves.",
    },
    "strength": {
        "da": "Styrke styres af, hvor mange gentagelser man kan (in_initial_treatment): så følger vægten dagsformen.",
        "en": "Strength is steered by the repetitions one can do (in_initial_treatment): the load follows the day.",
    },
}
NOTES: dict[str, Words] = {
    "percent-hrr": {
        "da": "Pulsen er regnet som {low:g}-{high:g} % af pulsreserven ({scale}).",
        "en": "The pulse is {low:g}-{high:g} % of the heart-rate reserve ({scale}).",
    },
    "percent-hr-max": {
        "da": "Pulsen er regnet som {low:g}-{high:g} % af den højeste puls ({scale}).",
        "en": "The pulse is {low:g}-{high:g} % of the maximal heart rate ({scale}).",
    },
    "estimated": {
        "da": "Højeste puls er anslået ud fra alderen, ± {see} slag (SEE): følg Borg, når de to ikke passer sammen.",
        "en": "The maximal heart rate is estimated from age, ± {see} beats (SEE): where the two differ, follow Borg.",
    },
    "percent-peak-watts": {
        "da": "Watt er regnet som {low:g}-{high:g} % af højeste watt ved konditionstesten ({scale}). Vores eget valg.",
        "en": "Watts are {low:g}-{high:g} % of the peak watts of the CPET ({scale}). A choice of our own.",
    },
    "other-test": {
        "da": "Watt fra denne test ({test}) regnes ikke om: de bruges kun, hvor et program angiver procent af den.",
        "en": "Watts of this test ({test}) are not converted: they serve only where a programme states percent of it.",
    },
    "no-watts-in-scale": {
        "da": "Skalaen {scale} har ingen grænser i procent af højeste watt.",
        "en": "The scale {scale} has no limits in percent of peak watts.",
    },
}
