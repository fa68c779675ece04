"""Made-up patients for showing and testing; never real ones."""
