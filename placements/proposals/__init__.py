"""Places that students found themselves: proposed, checked by the engagement team, decided by the module leader."""
