"""Whether an organisation and its places are safe to send students to: checks, risk, approval; and memoranda."""
