"""Write `docs/exercises.md` from `protocols/training/exercises.yaml`."""

from pathlib import Path

from exrx.training.exercise_list import exercises_page

if __name__ == "__main__":
    Path(__file__).with_name("exercises.md").write_text(exercises_page(), encoding="utf-8")
